using System.CommandLine;
using ModelDsl.Bench.Attention;
using ModelDsl.Bench.Decode;
using ModelDsl.Bench.Gemm;
using ModelDsl.Bench.Functions;
using ModelDsl.Bench.Quality;
using ModelDsl.Bench.Rows;
using ModelDsl.Bench.Step;

var root = new RootCommand("Measures the runtime, beside a peer where there is one.")
{
    GemmCommand.Create(),
    DispatchCommand.Create(),
    MathCommand.Create(),
    RowsCommand.Create(),
    AttentionCommand.Create(),
    DecodeCommand.Create(),
    StepCommand.Create(),
    QualityCommand.Create(),
};
return root.Parse(args).Invoke();
