// One rank of a test: runs the command of the first argument, and ends with 0 if every check held.
//   collectives            every call, against what one process computes
//   allocation             the managed bytes that a call allocates
//   fault KIND SECONDS     rank 0 waits in a collective that the last rank does not enter as it should
//   train FOLDER N         data-parallel training with N micro-steps; leaves losses, gradients and weights in the folder
//   differ WHAT            ranks whose trainers differ in one thing
//   gpu collectives        every call on GPU memory, through NCCL
//   gpu fault KIND         as fault, through NCCL
//   meet                   the ranks meet through the launcher's variables, without MPI
using ModelDsl.Collectives.Ranks;

return args switch
{
    ["collectives"] => Verification.Run(),
    ["allocation"] => Allocations.Run(),
    ["fault", var kind, var seconds] => Faults.Run(kind, TimeSpan.FromSeconds(double.Parse(seconds, System.Globalization.CultureInfo.InvariantCulture))),
    ["train", var folder, var accumulation] => Training.Run(folder, int.Parse(accumulation)),
    ["differ", var what] => Training.Differ(what),
    ["gpu", "collectives"] => GpuRanks.Verify(),
    ["gpu", "fault", var kind] => GpuRanks.Fault(kind),
    ["meet", var kind] => Meeting.Run(kind),
    _ => throw new ArgumentException($"Unknown: {string.Join(' ', args)}"),
};
