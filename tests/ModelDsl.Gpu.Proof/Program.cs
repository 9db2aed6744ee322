// modeldsl-gpu-proof: proves the GPU layer on this machine, and measures it next to PyTorch.
using System.CommandLine;
using ModelDsl.Gpu.Proof;

var device = new Option<string>("--device") { Description = "What to prove: cuda:0, opencl:0.", HelpName = "DEVICE", DefaultValueFactory = _ => "cuda:0" };
var seed = new Option<int?>("--seed") { Description = "Of all random inputs; another one each time where it is not given.", HelpName = "N" };
var filter = new Option<string[]>("--filter") { Description = "Only checks and measurements whose names contain this; may be given several times.", HelpName = "TEXT" };
var skip = new Option<string[]>("--skip") { Description = "Leave out checks and measurements whose names contain this.", HelpName = "TEXT" };
var output = new Option<DirectoryInfo?>("--output") { Description = "Write results.json and results.md into this folder.", HelpName = "FOLDER" };
var quick = new Option<bool>("--quick") { Description = "Tiny sizes, to see that the program runs; the figures mean nothing." };
var python = new Option<string>("--python") { Description = "The interpreter that has PyTorch.", HelpName = "FILE", DefaultValueFactory = _ => "python3" };
var noPeer = new Option<bool>("--no-peer") { Description = "Measure without PyTorch and without nvcc." };
var minutes = new Option<double>("--minutes") { Description = "What has not begun by then is left out, and the run fails.", HelpName = "N", DefaultValueFactory = _ => 8 };

Command Create(string name, string description, bool check, bool measure)
{
    var command = new Command(name, description) { device, seed, filter, skip, output, quick, python, noPeer, minutes };
    command.SetAction(parsed => new ProofRun(
        new ProofOptions
        {
            Check = check, Measure = measure, Device = parsed.GetRequiredValue(device), Seed = parsed.GetValue(seed) ?? Random.Shared.Next(),
            Filter = parsed.GetValue(filter) ?? [], Skip = parsed.GetValue(skip) ?? [], Output = parsed.GetValue(output), Quick = parsed.GetValue(quick),
            Python = parsed.GetValue(noPeer) ? null : parsed.GetRequiredValue(python), Limit = TimeSpan.FromMinutes(parsed.GetRequiredValue(minutes)),
        },
        $"modeldsl-gpu-proof {string.Join(' ', args)}", Console.Out).Run());
    return command;
}

return new RootCommand("""
    Proves the GPU layer on the machine at hand: every kernel and matrix product against float64 on fresh random inputs,
    then its speed next to PyTorch on the same GPU. The exit code is 0 where everything ran and every check passed; a
    speed below its goal is reported and is no failure.

    Examples:
      modeldsl-gpu-proof all --output results
      modeldsl-gpu-proof check --filter attention --seed 7
      modeldsl-gpu-proof measure --filter copy --filter adamw --python ~/venv/bin/python
      modeldsl-gpu-proof check --device opencl:0 --quick
    """)
{
    Create("check", "Run every kernel and matrix product against float64.", check: true, measure: false),
    Create("measure", "Measure speed, next to PyTorch.", check: false, measure: true),
    Create("all", "Check, then measure.", check: true, measure: true),
}.Parse(args).Invoke();
