namespace ModelDsl.Gpu.Cuda;

// Constants of cuBLASLt's C interface (cublasLt.h, cublas_api.h, library_types.h of CUDA 11.8 to 13).

/// <summary>cudaDataType.</summary>
internal enum BlasLtType { F32 = 0, F16 = 2, BF16 = 14, F8E4M3 = 28, F8E5M2 = 29 }

/// <summary>cublasComputeType_t.</summary>
internal enum BlasLtCompute { F32 = 68, FastTf32 = 77 }

/// <summary>cublasLtEpilogue_t; GELU is the tanh form.</summary>
internal enum BlasLtEpilogue
{
    Default = 1,
    Bias = 4,
    Gelu = 32,
    GeluBias = Gelu | Bias,
    GeluAuxiliaryBias = Gelu | Auxiliary | Bias,
    GeluGradient = 64 | Auxiliary,
    GeluGradientBiasGradient = GeluGradient | 16,
    BiasGradientOfB = 512,
    Auxiliary = 128,
}

/// <summary>cublasLtMatmulDescAttributes_t.</summary>
internal enum BlasLtAttribute
{
    TransposeA = 3,
    TransposeB = 4,
    Epilogue = 7,
    BiasPointer = 8,
    AuxiliaryPointer = 11,
    AuxiliaryStride = 12,
    ScaleAPointer = 17,
    ScaleBPointer = 18,
}

/// <summary>cublasLtMatmulPreferenceAttributes_t.</summary>
internal enum BlasLtPreference
{
    WorkspaceBytes = 1,
    AlignmentA = 5,
    AlignmentB = 6,
    AlignmentC = 7,
    AlignmentD = 8,
}
