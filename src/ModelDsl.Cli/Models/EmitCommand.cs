using System.CommandLine;
using System.Text;

namespace ModelDsl.Cli.Models;

/// <summary><c>modeldsl emit</c>: writes what the generator adds to a build, without one.</summary>
internal static class EmitCommand
{
    internal static Command Create()
    {
        var options = new ModelOptions();
        var output = new Option<DirectoryInfo>("--output")
        {
            Description = "The folder to write to; it is made where it is missing.", HelpName = "FOLDER", DefaultValueFactory = _ => new DirectoryInfo("generated"),
        };
        return options.Command("emit", """
            Write the C# that the generator adds to a build: records, programs, kernels, tokenizers.

            Examples:
              modeldsl emit Model.cs
              modeldsl emit src/MyModels --model Gpt --output /tmp/gpt
            """, [output], parsed =>
        {
            var compilation = options.Compilation(parsed);
            var files = ModelReading.Files(compilation, Console.Error);
            if (parsed.GetValue(options.Model) is { } name)
            {
                string model = ModelReading.Model(compilation, name, Console.Error).Specs.Model.FullName;
                files = files.Where(f => f.Name.StartsWith(model + ".", StringComparison.Ordinal)).ToArray();
            }
            if (files.Count == 0) throw new InvalidDataException($"{compilation.AssemblyName} has no [Model], [Layer] or [Tokenizer] record");
            var folder = parsed.GetRequiredValue(output);
            folder.Create();
            foreach (var (file, text) in files)
            {
                File.WriteAllText(Path.Combine(folder.FullName, file), text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false));
                Console.Out.WriteLine(Path.Combine(folder.ToString(), file));
            }
            return 0;
        });
    }
}
