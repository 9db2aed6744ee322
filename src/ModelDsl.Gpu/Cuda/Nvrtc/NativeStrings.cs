using System.Runtime.InteropServices;

namespace ModelDsl.Gpu.Cuda;

/// <summary>Zero-terminated UTF-8 strings for one call.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly List<nint> _all = [];

    public byte* Add(string text)
    {
        nint pointer = Marshal.StringToCoTaskMemUTF8(text);
        _all.Add(pointer);
        return (byte*)pointer;
    }

    public byte*[] AddAll(IEnumerable<string> texts)
    {
        string[] all = [.. texts];
        byte*[] pointers = new byte*[all.Length];
        for (int i = 0; i < all.Length; i++)
            pointers[i] = Add(all[i]);
        return pointers;
    }

    public void Dispose()
    {
        foreach (nint pointer in _all)
            Marshal.FreeCoTaskMem(pointer);
    }
}
