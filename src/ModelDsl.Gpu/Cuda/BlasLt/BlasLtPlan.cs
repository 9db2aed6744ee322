using ModelDsl.Runtime;

namespace ModelDsl.Gpu.Cuda;

/// <summary>
/// The descriptors of one product and the algorithm that the library's heuristics chose for it. cuBLASLt's matrices are
/// column-major: a row-major D = A B is read as the column-major D^T = B^T A^T, so its A is our B and its B our A.
/// </summary>
internal sealed unsafe class BlasLtPlan : IDisposable
{
    private readonly CudaBlasLt _library;
    private readonly GpuDevice _device;
    private readonly bool _hasBias, _hasAuxiliary, _isFp8;
    private nint _description, _layoutA, _layoutB, _layoutD;
    private BlasLtAlgorithm _algorithm;

    /// <summary>Describes the product to the library, which needs no GPU.</summary>
    /// <param name="arguments">Arguments that <see cref="BlasLtRules"/> accepted.</param>
    public BlasLtPlan(CudaBlasLt library, GpuDevice device, in MatMulArguments arguments)
    {
        (_library, _device) = (library, device);
        _hasBias = BlasLtRules.ReadsBias(arguments.Epilogue) || BlasLtRules.WritesBias(arguments.Epilogue);
        _hasAuxiliary = BlasLtRules.HasAuxiliary(arguments.Epilogue);
        _isFp8 = BlasLtRules.IsFp8(arguments.A.Type);
        try
        {
            Describe(arguments);
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>Chooses an algorithm by the library's heuristics, once before the first <see cref="Run"/>.</summary>
    /// <exception cref="GpuException">There is none.</exception>
    public void Choose(nint handle, in MatMulArguments arguments, nuint workspaceBytes)
    {
        const int Wanted = 4;
        nint preference;
        Check(_library.PreferenceCreate(&preference), "cublasLtMatmulPreferenceCreate", arguments);
        try
        {
            ulong workspace = workspaceBytes;
            Check(_library.PreferenceSet(preference, BlasLtPreference.WorkspaceBytes, &workspace, sizeof(ulong)), "cublasLtMatmulPreferenceSetAttribute", arguments);
            SetAlignment(preference, BlasLtPreference.AlignmentA, arguments.B.Data, arguments);
            SetAlignment(preference, BlasLtPreference.AlignmentB, arguments.A.Data, arguments);
            SetAlignment(preference, BlasLtPreference.AlignmentC, arguments.D.Data, arguments);
            SetAlignment(preference, BlasLtPreference.AlignmentD, arguments.D.Data, arguments);
            var results = stackalloc BlasLtHeuristic[Wanted];
            int found;
            Check(_library.Heuristic(handle, _description, _layoutB, _layoutA, _layoutD, _layoutD, preference, Wanted, results, &found), "cublasLtMatmulAlgoGetHeuristic", arguments);
            for (int i = 0; i < found; i++)
            {
                if (results[i].Status != 0)
                    continue;
                _algorithm = results[i].Algorithm;
                return;
            }
            throw new GpuException(
                $"cuBLASLt {_library.VersionText} has no algorithm on {_device.Name} for {arguments.Shape}. Let matrices begin at multiples of 16 bytes with strides of such multiples, or leave out the epilogue.");
        }
        finally
        {
            _library.PreferenceDestroy(preference);
        }
    }

    /// <summary>Queues the product. Allocates no managed memory; not thread-safe.</summary>
    public void Run(nint handle, in MatMulArguments arguments, GpuPointer workspace, nuint workspaceBytes, nint stream)
    {
        SetPointers(arguments);
        float alpha = arguments.Alpha, beta = arguments.Beta;
        fixed (BlasLtAlgorithm* algorithm = &_algorithm)
        {
            Check(_library.Matmul(handle, _description,
                &alpha, arguments.B.Data.Address, _layoutB, arguments.A.Data.Address, _layoutA,
                &beta, arguments.D.Data.Address, _layoutD, arguments.D.Data.Address, _layoutD,
                algorithm, workspace.Address, workspaceBytes, stream), "cublasLtMatmul", arguments);
        }
    }

    public void Dispose()
    {
        if (_description != 0)
            _library.DescriptionDestroy(_description);
        foreach (nint layout in (ReadOnlySpan<nint>)[_layoutA, _layoutB, _layoutD])
            if (layout != 0)
                _library.LayoutDestroy(layout);
        (_description, _layoutA, _layoutB, _layoutD) = (0, 0, 0, 0);
    }

    private void Describe(in MatMulArguments arguments)
    {
        var compute = arguments.A.Type == TensorType.F32 && arguments.AllowTf32 ? BlasLtCompute.FastTf32 : BlasLtCompute.F32;
        fixed (nint* description = &_description)
            Check(_library.DescriptionCreate(description, compute, BlasLtType.F32), "cublasLtMatmulDescCreate", arguments);
        Set(BlasLtAttribute.TransposeA, arguments.B.Transposed ? 1 : 0, arguments);
        Set(BlasLtAttribute.TransposeB, arguments.A.Transposed ? 1 : 0, arguments);
        Set(BlasLtAttribute.Epilogue, (int)Epilogue(arguments.Epilogue), arguments);
        if (_hasAuxiliary)
            Set(BlasLtAttribute.AuxiliaryStride, arguments.AuxiliaryStride, arguments);
        SetPointers(arguments); // the heuristics depend on their alignment
        _layoutA = Layout(arguments.A, arguments.M, arguments.K, arguments);
        _layoutB = Layout(arguments.B, arguments.K, arguments.N, arguments);
        _layoutD = Layout(arguments.D, arguments.M, arguments.N, arguments);
    }

    private void SetPointers(in MatMulArguments arguments)
    {
        if (_hasBias)
            Set(BlasLtAttribute.BiasPointer, arguments.Bias.Address, arguments);
        if (_hasAuxiliary)
            Set(BlasLtAttribute.AuxiliaryPointer, arguments.Auxiliary.Address, arguments);
        if (!_isFp8)
            return;
        Set(BlasLtAttribute.ScaleAPointer, arguments.ScaleB.Address, arguments);
        Set(BlasLtAttribute.ScaleBPointer, arguments.ScaleA.Address, arguments);
    }

    private nint Layout(GpuMatrix matrix, int rows, int columns, in MatMulArguments arguments)
    {
        // Stored row-major rows x columns (or its transpose), which is column-major columns x rows.
        if (matrix.Transposed)
            (rows, columns) = (columns, rows);
        nint layout;
        Check(_library.LayoutCreate(&layout, Type(matrix.Type), (ulong)columns, (ulong)rows, matrix.Stride), "cublasLtMatrixLayoutCreate", arguments);
        return layout;
    }

    private void Set<T>(BlasLtAttribute attribute, T value, in MatMulArguments arguments) where T : unmanaged =>
        Check(_library.DescriptionSet(_description, attribute, &value, (nuint)sizeof(T)), "cublasLtMatmulDescSetAttribute", arguments);

    private void SetAlignment(nint preference, BlasLtPreference attribute, GpuPointer pointer, in MatMulArguments arguments)
    {
        uint bytes = BlasLtKey.Alignment(pointer);
        Check(_library.PreferenceSet(preference, attribute, &bytes, sizeof(uint)), "cublasLtMatmulPreferenceSetAttribute", arguments);
    }

    private void Check(int status, string call, in MatMulArguments arguments)
    {
        if (status != 0)
        {
            throw new GpuException(
                $"{call} on {_device.Id} ({_device.Name}): {_library.Describe(status)} for {arguments.Shape}; cuBLASLt {_library.VersionText}.");
        }
    }

    private static BlasLtType Type(TensorType type) => type switch
    {
        TensorType.F32 => BlasLtType.F32,
        TensorType.F16 => BlasLtType.F16,
        TensorType.BF16 => BlasLtType.BF16,
        TensorType.F8E4M3 => BlasLtType.F8E4M3,
        _ => BlasLtType.F8E5M2, // BlasLtRules accepts no other
    };

    private static BlasLtEpilogue Epilogue(MatMulEpilogue epilogue) => epilogue switch
    {
        MatMulEpilogue.None => BlasLtEpilogue.Default,
        MatMulEpilogue.Bias => BlasLtEpilogue.Bias,
        MatMulEpilogue.Gelu => BlasLtEpilogue.Gelu,
        MatMulEpilogue.GeluBias => BlasLtEpilogue.GeluBias,
        MatMulEpilogue.GeluAuxiliaryBias => BlasLtEpilogue.GeluAuxiliaryBias,
        MatMulEpilogue.GeluGradient => BlasLtEpilogue.GeluGradient,
        MatMulEpilogue.GeluGradientBiasGradient => BlasLtEpilogue.GeluGradientBiasGradient,
        MatMulEpilogue.BiasGradientOfA => BlasLtEpilogue.BiasGradientOfB, // its B is our A
        _ => throw new ArgumentOutOfRangeException(nameof(epilogue), epilogue, "There is no such epilogue."),
    };
}
