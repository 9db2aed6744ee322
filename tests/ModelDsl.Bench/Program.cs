using System.CommandLine;
using ModelDsl.Bench.Attention;
using ModelDsl.Bench.Decode;
using ModelDsl.Bench.Gemm;
using ModelDsl.Bench.Functions;
using ModelDsl.Bench.Rows;

var root = new RootCommand("Measures the runtime, beside a peer where there is one.")
{
    GemmCommand.Create(),
    DispatchCommand.Create(),
    MathCommand.Create(),
    RowsCommand.Create(),
    AttentionCommand.Create(),
    DecodeCommand.Create(),
};
return root.Parse(args).Invoke();
