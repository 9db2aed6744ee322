// The `modeldsl` tool.
using System.CommandLine;
using ModelDsl.Cli.Devices;
using ModelDsl.Cli.Models;
using ModelDsl.Cli.Tokenizers;

var root = new RootCommand("ModelDsl: neural models as C# records.") { TokenizerCommand.Create(), DevicesCommand.Create(), DumpCommand.Create(), EmitCommand.Create() };
var parsed = root.Parse(args);
return parsed.Invoke();
