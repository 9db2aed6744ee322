using System.Globalization;
using System.Linq;
using System.Text;
using ModelDsl.Compiler.Ir;

namespace ModelDsl.Compiler.Loops;

/// <summary>The text form of a kernel, for tests, dumps and for telling two kernels apart.</summary>
public static class KernelText
{
    public static string ToText(this Kernel kernel)
    {
        var text = new StringBuilder();
        text.Append("kernel ").Append(kernel.Name).Append(kernel.Chunked ? " chunked" : "").Append('\n');
        foreach (var operand in kernel.Operands)
            text.Append($"  {(operand.Written ? "write" : "read")} {operand.Name} {operand.Type.ToString().ToLowerInvariant()} rows({string.Join(" + ", operand.Rows.Select(r => $"{r.Divisor}/{r.Modulus}%{r.Stride}"))}) columns({operand.Columns.ToString().ToLowerInvariant()} {operand.ColumnStride})\n");
        foreach (var scalar in kernel.Scalars) text.Append($"  scalar {scalar.Type} {scalar.Name}\n");
        foreach (var statement in kernel.Body) Write(text, statement, "  ");
        return text.ToString();
    }

    private static void Write(StringBuilder text, KernelStatement statement, string indent)
    {
        text.Append(indent);
        switch (statement)
        {
            case ColumnLoop loop:
                text.Append("columns\n");
                foreach (var inner in loop.Body) Write(text, inner, indent + "  ");
                return;
            case Let let: text.Append($"{(let.PerRow ? "row" : "let")} %{let.Id} {let.Type.ToString().ToLowerInvariant()} = {Expression(let.Value)}"); break;
            case Reduce reduce: text.Append($"row %{reduce.Id} = {(reduce.Maximum ? "max" : "sum")} %{reduce.Value}"); break;
            case Store store: text.Append($"store{(store.PerRow ? " row" : "")}{(store.Accumulate ? " accumulate" : "")} {store.Operand} = %{store.Value}"); break;
            case AddToPartial add: text.Append($"partial {add.Operand} += %{add.Value}"); break;
        }
        text.Append('\n');
    }

    private static string Expression(KernelExpression expression) => expression switch
    {
        Load load => $"load{(load.PerRow ? " row" : "")} {load.Operand}",
        ConstantValue constant => constant.Value.ToString("R", CultureInfo.InvariantCulture),
        ScalarValue scalar => scalar.Name,
        IndexValue index => index.Column ? "column" : $"row/{index.Divisor}%{index.Modulus}",
        Apply apply => $"{apply.Operation.Name} {string.Join(" ", apply.Arguments.Select(a => "%" + a))}",
        _ => expression.ToString(),
    };
}
