using System.Runtime.InteropServices;

namespace ModelDsl.Gpu.OpenCl;

/// <summary>Host memory for asynchronous copies: page-aligned, and known to its device.</summary>
internal sealed unsafe class OpenClPinnedMemory(OpenClDevice device, long bytes) : PinnedMemory
{
    private const int Page = 4096;

    private byte* _pointer = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, Page);

    public override void* Pointer
    {
        get
        {
            ObjectDisposedException.ThrowIf(_pointer == null, this);
            return _pointer;
        }
    }

    public override long Bytes => bytes;

    public bool Contains(void* pointer, long length) =>
        pointer >= _pointer && (byte*)pointer + length <= _pointer + bytes;

    public override void Dispose()
    {
        if (_pointer == null)
            return;
        device.Forget(this);
        NativeMemory.AlignedFree(_pointer);
        _pointer = null;
    }
}
