using ModelDsl.Tokenizers;
using ModelDsl.Tokenizers.Training;

namespace Examples.TextGpt;

/// <summary>The text to train on: its documents, a vocabulary trained on them, and their tokens in a file.</summary>
internal static class Corpus
{
    /// <summary>Follows every document.</summary>
    public const string EndOfText = "<|end|>";

    /// <summary>Bytes of one document, which is held in memory with its tokens.</summary>
    public const long LargestDocument = 1 << 30;

    private static readonly string[] Extensions = [".cs", ".md", ".txt"];
    private static readonly string[] Skipped = ["bin", "obj", "out", "node_modules", "TestResults"];

    /// <summary>The folder of this repository's sources and documents, which are the default text.</summary>
    public static string Repository()
    {
        foreach (string start in (string[])[Environment.CurrentDirectory, AppContext.BaseDirectory])
            for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
                if (File.Exists(Path.Combine(folder.FullName, "ModelDsl.sln")))
                    return folder.FullName;
        throw new DatasetException("There is no repository around this program whose sources it could learn. Give it text with --data FILE.");
    }

    /// <summary>
    /// A file, or the sources and documents in a folder, shuffled so that the end, which is kept for
    /// validation, resembles the rest; the order is the same on every machine.
    /// </summary>
    /// <exception cref="DatasetException">There is nothing to read, or a file is larger than <see cref="LargestDocument"/>.</exception>
    public static IReadOnlyList<string> Documents(string path)
    {
        if (File.Exists(path))
            return Checked(new FileInfo(path)).Length > 0 ? [path] : throw new DatasetException($"{path}: the file is empty.");
        if (!Directory.Exists(path))
            throw new DatasetException($"{path}: there is no such file or folder.");
        string[] files = [.. Walk(new DirectoryInfo(path)).OrderBy(file => Philox.Stream(Path.GetRelativePath(path, file).Replace('\\', '/')))];
        return files.Length > 0 ? files : throw new DatasetException($"{path}: holds no text ({string.Join(", ", Extensions)}).");
    }

    /// <summary>Trains a byte-level BPE vocabulary on the documents.</summary>
    public static TextTokenizer TrainTokenizer(IReadOnlyList<string> documents, int vocabulary, int threads) => BpeTrainer.Train(
        documents, new BpeTrainerOptions { Vocabulary = vocabulary, SpecialTokens = [EndOfText], Threads = threads });

    /// <summary>Writes the documents' tokens, each followed by the token that ends it.</summary>
    public static void WriteTokens(IReadOnlyList<string> documents, Tokenizer tokenizer, string path)
    {
        int end = tokenizer.IdOf(EndOfText) ?? throw new InvalidDataException($"The tokenizer has no token {EndOfText}.");
        using var writer = new TokenShardWriter(path, tokenizer.Vocabulary);
        foreach (string document in documents)
            writer.AppendDocument(tokenizer.Encode(File.ReadAllBytes(document)), end);
        writer.Complete();
    }

    /// <summary>Links to folders are not followed, as they may lead back.</summary>
    private static IEnumerable<string> Walk(DirectoryInfo folder) =>
        folder.EnumerateFiles().Where(file => Extensions.Contains(file.Extension) && Checked(file).Length > 0).Select(file => file.FullName)
            .Concat(folder.EnumerateDirectories()
                .Where(inner => inner.LinkTarget is null && inner.Name[0] != '.' && !Skipped.Contains(inner.Name)).SelectMany(Walk));

    private static FileInfo Checked(FileInfo file) => file.Length <= LargestDocument
        ? file
        : throw new DatasetException($"{file.FullName}: has {file.Length:N0} bytes, a document may have {LargestDocument:N0}. Split it into several files.");
}
