namespace ModelDsl.Compiler.Ir;

/// <summary>Where in the user's records a node comes from and what its value is there: for diagnostics and for names.</summary>
/// <param name="Path">The member path of the layer, "Blocks.{}.Attention"; empty for the model.</param>
/// <param name="Record">With <paramref name="Anchor"/>: the expression, for diagnostics.</param>
public sealed record Origin(string Path, string Record, int Anchor)
{
    /// <summary>The local variable that the value was first assigned to, "query"; of a parameter's gradient, the parameter's name.</summary>
    public string? Label { get; init; }

    /// <summary>The member path of the layer whose method declares <see cref="Label"/>: an outer one's where it holds what an inner layer returned.</summary>
    public string? LabelPath { get; init; }

    /// <summary>Whether the Forward of the layer at <see cref="Path"/> returned the value.</summary>
    public bool IsOutput { get; init; }

    /// <summary>What the value is in the composition or the operation of several results that it belongs to: "mean", "softmax".</summary>
    public string? Role { get; init; }

    /// <summary>Whether the node is the gradient of the value that all of this describes.</summary>
    public bool Gradient { get; init; }

    /// <summary>The place alone.</summary>
    public Origin Place => IsNamed ? new Origin(Path, Record, Anchor) : this;

    /// <summary>Whether it says more than the place.</summary>
    public bool IsNamed => HasOwnName || Role is not null || Gradient;

    /// <summary>Whether the record has a name for the value.</summary>
    public bool HasOwnName => Label is not null || IsOutput;

    /// <summary>"Blocks.{}.Norm: rstd (rsqrt)", "gradient of Blocks.{}.Norm: output (add)": as dumps print it.</summary>
    public override string ToString()
    {
        string label = Label is null ? "" : LabelPath is null or "" || LabelPath == Path ? Label : $"{LabelPath}: {Label}";
        string[] words = [Gradient ? "gradient of" : "", Path.Length > 0 && IsNamed ? Path + ":" : Path, IsOutput ? "output" : "", label, Role is null ? "" : $"({Role})"];
        return string.Join(" ", words.Where(w => w.Length > 0));
    }
}

/// <summary>Reading and passing on the names of nodes.</summary>
internal static class Origins
{
    /// <summary>What the value is: its role, the name among the results of the operation that gives it, or the operation.</summary>
    public static string Role(this Node node) => node.Origin?.Role
        ?? (node.Is<Output>() ? node.Inputs[0].Operation.ResultNames.ElementAtOrDefault(node.Attributes.Int("index")) ?? node.Inputs[0].Operation.Name : node.Operation.Name);

    /// <summary>Gives a node without a name that of the value it stands for; leaves keep their own.</summary>
    public static void TakeName(this Node node, Origin? origin)
    {
        if (node.Inputs.Count > 0 && origin is { IsNamed: true } && node.Origin is not { IsNamed: true }) node.Origin = origin;
    }

    /// <summary>Names the gradient of a value; a name from the record replaces one from an operation.</summary>
    public static void NameGradient(Node value, Node gradient)
    {
        if (gradient.Inputs.Count == 0 || gradient.Origin is { HasOwnName: true } || gradient.Origin is { IsNamed: true, Gradient: false }) return;
        if (OfGradient(value) is { } origin && (origin.HasOwnName || gradient.Origin is not { IsNamed: true })) gradient.Origin = origin;
    }

    /// <summary>A value's origin, for its gradient; a view without a name is called after what it is a view of. Null where it has none.</summary>
    private static Origin? OfGradient(Node value)
    {
        while (value.Origin is not { IsNamed: true } && IsWholeView(value)) value = value.Inputs[0];
        if (value.Origin is not { } origin) return null;
        return value.Is<Parameter>() ? origin.Place with { Label = value.ParameterName(), Gradient = true } : origin with { Role = value.Role(), Gradient = true };
    }

    private static bool IsWholeView(Node value) =>
        value.Operation.IsView && !value.Is<Output>() && value.Shape.Count.Equals(value.Inputs[0].Shape.Count);
}
