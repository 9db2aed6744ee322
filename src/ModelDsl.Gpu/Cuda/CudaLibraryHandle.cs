namespace ModelDsl.Gpu.Cuda;

/// <summary>An object that another library created in the context; freed before everything that it may use.</summary>
internal sealed class CudaLibraryHandle(IDisposable made) : ICudaHandle
{
    CudaHandleKind ICudaHandle.Kind => CudaHandleKind.Library;

    void ICudaHandle.Free() => made.Dispose();
}
