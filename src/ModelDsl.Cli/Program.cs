// The `modeldsl` tool.
using System.CommandLine;
using ModelDsl.Cli.Tokenizers;

var root = new RootCommand("ModelDsl: neural models as C# records.") { TokenizerCommand.Create() };
var parsed = root.Parse(args);
return parsed.Invoke();
