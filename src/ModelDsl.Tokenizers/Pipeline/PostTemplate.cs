using ModelDsl.Tokenizers.Definitions;

namespace ModelDsl.Tokenizers.Pipeline;

/// <summary>The template of a post-processor: the special ids around one text, or around two.</summary>
internal sealed class PostTemplate
{
    private readonly IReadOnlyList<TemplatePiece> single, pair;

    internal PostTemplate(PostProcessorDefinition? definition)
    {
        var template = Find(definition);
        var first = new TemplatePiece(0, 0, "", []);
        single = template?.Single ?? [first];
        pair = template?.Pair ?? [first, new TemplatePiece(1, 1, "", [])];
    }

    /// <summary>How many ids the template adds to a text.</summary>
    internal int Added(bool isPair) => Pieces(isPair).Sum(piece => piece.Ids.Count);

    /// <summary>The pieces in order: Text 0 or 1 stands for the ids of a text.</summary>
    internal IReadOnlyList<TemplatePiece> Pieces(bool isPair) => isPair ? pair : single;

    private static PostProcessorDefinition.Template? Find(PostProcessorDefinition? definition) => definition switch
    {
        PostProcessorDefinition.Template template => template,
        PostProcessorDefinition.Sequence sequence => sequence.Items.Select(Find).FirstOrDefault(template => template is not null),
        _ => null,
    };
}
