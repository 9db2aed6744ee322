
namespace ModelDsl.Compiler.Ir;

/// <summary>Reads a graph from the text of <see cref="GraphText"/>; comments, origins among them, are dropped.</summary>
public sealed class GraphParser
{
    private readonly string[] _lines;
    private int _line;

    private GraphParser(string text) => _lines = text.Split('\n');

    /// <exception cref="FormatException">The text is no graph; the message names the line.</exception>
    public static Graph Parse(string text) => new GraphParser(text).Region(inner: false);

    private Graph Region(bool inner)
    {
        var graph = new Graph();
        var nodes = new Dictionary<int, Node>();
        for (; _line < _lines.Length; _line++)
        {
            var line = new LineReader(_lines[_line]);
            try
            {
                if (line.AtEnd) continue;
                if (line.Take('}')) return inner ? graph : throw line.Wrong("a closing brace without an opening one");
                if (line.TakeWord("result")) graph.AddResult(line.Text(), Reference(line, nodes));
                else Statement(line, graph, nodes);
            }
            catch (Exception e) when (e is ShapeException or KeyNotFoundException || e is FormatException && !e.Message.StartsWith("line "))
            {
                throw new FormatException($"line {_line + 1}: {e.Message}", e);
            }
        }
        return inner ? throw new FormatException($"line {_line}: a body without a closing brace") : graph;
    }

    private void Statement(LineReader line, Graph graph, Dictionary<int, Node> nodes)
    {
        line.Expect('%');
        int id = (int)line.Integer();
        line.Expect('=');
        var operation = OperationTable.Get(line.Word());
        var inputs = new List<Node>();
        while (line.Peek == '%')
        {
            inputs.Add(Reference(line, nodes));
            if (!line.Take(',')) break;
        }
        var attributes = Attributes.None;
        while (line.Peek != ':')
        {
            string name = line.Word();
            line.Expect('=');
            attributes = attributes.With(name, line.Value());
        }
        line.Expect(':');
        var types = new List<TensorType>();
        do types.Add(new TensorType(ShapeRules.Parse(line.Word()), line.Shape())); while (line.Take(','));
        Graph[] regions = [];
        bool hasBody = line.Take('{');
        if (!line.AtEnd) throw line.Wrong("unexpected text after the statement");
        if (hasBody)
        {
            _line++;
            regions = [Region(inner: true)];
        }
        var node = graph.Add(operation, inputs, attributes, regions);
        if (!node.Types.SequenceEqual(types))
            throw new FormatException($"%{id} says it is {string.Join(", ", types)}, but {operation.Name} gives {string.Join(", ", node.Types)}");
        nodes[id] = node;
    }

    private static Node Reference(LineReader line, Dictionary<int, Node> nodes)
    {
        line.Expect('%');
        int id = (int)line.Integer();
        return nodes.TryGetValue(id, out var node) ? node : throw line.Wrong($"%{id} is not defined before its use");
    }
}
