using System.CommandLine;
using ModelDsl.Bench.Gemm;

var root = new RootCommand("Measures the runtime, beside a peer where there is one.")
{
    GemmCommand.Create(),
    DispatchCommand.Create(),
};
return root.Parse(args).Invoke();
