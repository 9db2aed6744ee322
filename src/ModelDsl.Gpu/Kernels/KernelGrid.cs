namespace ModelDsl.Gpu;

/// <summary>The number of groups of a launch and of threads in a group, along three axes.</summary>
/// <param name="LocalBytes">On-chip memory beyond what the kernel declares; CUDA only.</param>
public readonly record struct KernelGrid(
    int GroupsX, int SizeX, int GroupsY = 1, int SizeY = 1, int GroupsZ = 1, int SizeZ = 1, int LocalBytes = 0)
{
    /// <summary>Enough groups of <paramref name="size"/> threads for <paramref name="elements"/>.</summary>
    public static KernelGrid Elements(long elements, int size = 256) => new(checked((int)((elements + size - 1) / size)), size);

    public override string ToString() => $"{GroupsX} x {GroupsY} x {GroupsZ} groups of {SizeX} x {SizeY} x {SizeZ}";
}
