// A custom kernel, written once in the kernel dialect (rms_norm.c) and run unchanged on every GPU of this machine, CUDA or
// OpenCL, and timed.
using ModelDsl.Gpu;
using ModelDsl.Runtime;

const int Rows = 512, Width = 768;
const float Eps = 1e-5f;

var random = new Random(1);
float[] scale = [.. Enumerable.Range(0, Width).Select(_ => 1 + 0.1f * random.NextSingle())];
ushort[] x = [.. Enumerable.Range(0, Rows * Width).Select(_ => Bf16(random.NextSingle() - 0.5f))];

using var text = new StreamReader(typeof(Program).Assembly.GetManifestResourceStream("rms_norm.c")!);
var source = new KernelSource("rms_norm.c", text.ReadToEnd());

DeviceList list = Device.List();
string[] gpus = [.. list.Devices.Where(device => device.Kind != "CPU").Select(device => device.Id)];
if (gpus.Length == 0)
{
    Console.Error.WriteLine("There is no CUDA and no OpenCL device here:");
    foreach (LibraryInfo library in list.Libraries.Where(library => library.Problem is not null))
        Console.Error.WriteLine($"  {library.Name}: {library.Problem}");
    return 1;
}

double worst = 0;
foreach (string id in gpus)
{
    using GpuDevice device = GpuDevice.Open(id);
    using GpuMemory xs = device.Allocate(x.Length * sizeof(ushort), "x"), ys = device.Allocate(x.Length * sizeof(ushort), "y");
    using GpuMemory scales = device.Allocate(scale.Length * sizeof(float), "scale");
    GpuStream stream = device.DefaultStream;
    stream.Upload<ushort>(xs, x);
    stream.Upload<float>(scales, scale);

    GpuKernel kernel = device.Compile(source)["rms_norm"];
    var grid = new KernelGrid(GroupsX: Rows, SizeX: 256);
    kernel.Launch(stream, grid, xs, scales, ys, Width, Eps);
    var y = new ushort[x.Length];
    stream.Download<ushort>(y, ys);
    double error = LargestError(y);
    worst = Math.Max(worst, error);

    const int Launches = 20;
    using GpuEvent begin = device.CreateEvent(), end = device.CreateEvent();
    stream.Record(begin);
    for (int i = 0; i < Launches; i++)
        kernel.Launch(stream, grid, xs, scales, ys, Width, Eps);
    stream.Record(end);
    end.Synchronize();
    double microseconds = end.Since(begin).TotalMicroseconds / Launches;
    Console.WriteLine($"{id,-10} {device.Name}: largest relative error {error:0.0e+0}, {microseconds:0} us a launch, {2e-3 * sizeof(ushort) * x.Length / microseconds:0.0} GB/s");
}
return worst < 1.0 / 128 ? 0 : 1; // rounding the result to bf16 may take 1/256

double LargestError(ushort[] y)
{
    double largest = 0;
    for (int row = 0; row < Rows; row++)
    {
        double squares = 0;
        for (int w = 0; w < Width; w++)
            squares += Math.Pow(Single(x[row * Width + w]), 2);
        for (int w = 0; w < Width; w++)
        {
            double expected = Single(x[row * Width + w]) / Math.Sqrt(squares / Width + Eps) * scale[w];
            largest = Math.Max(largest, Math.Abs(Single(y[row * Width + w]) - expected) / Math.Max(Math.Abs(expected), 1e-30));
        }
    }
    return largest;
}

static float Single(ushort bf16) => BitConverter.UInt32BitsToSingle((uint)bf16 << 16);

static ushort Bf16(float value) => (ushort)(BitConverter.SingleToUInt32Bits(value) + 0x8000 >> 16);
