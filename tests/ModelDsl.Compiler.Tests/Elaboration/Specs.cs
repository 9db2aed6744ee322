using ModelDsl.Compiler.Spec;

namespace ModelDsl.Compiler.Tests.Elaboration;

/// <summary>Specs of small models and of the layers that they are made of, in the text form.</summary>
internal static class Specs
{
    public static RecordSpec Parse(string text) => SpecText.Parse(text.Replace("\r\n", "\n"));

    public static readonly RecordSpec Linear = Parse("""
        (spec 1 Layer T.Linear Linear T public
         (hyperparameter Inputs Int int)
         (hyperparameter Outputs Int int)
         (hyperparameter UseBias Bool bool true)
         (weight Weight public (.Outputs .Inputs) Normal 0.02f auto)
         (weight Bias public (.Outputs) Zeros 0.02f auto)
         (method Forward ((x Tensor))
          (return (? .UseBias (op Linear (x $x) (weight .Weight) (bias .Bias)) (op Linear (x $x) (weight .Weight))))))
        """);

    public static readonly RecordSpec LayerNorm = Parse("""
        (spec 1 Layer T.LayerNorm LayerNorm T public
         (hyperparameter Width Int int)
         (hyperparameter Eps Float float 0.00001f)
         (weight Scale public (.Width) Ones 0.02f auto)
         (weight Bias public (.Width) Zeros 0.02f auto)
         (method Forward ((x Tensor))
          (let (centred) (- $x (op Mean (x $x))))
          (return (+ (* (* $centred (op Rsqrt (x (+ (op Mean (x (* $centred $centred))) .Eps)))) .Scale) .Bias))))
        """);

    public static readonly RecordSpec RmsNorm = Parse("""
        (spec 1 Layer T.RmsNorm RmsNorm T public
         (hyperparameter Width Int int)
         (hyperparameter Eps Float float 0.00001f)
         (weight Scale public (.Width) Ones 0.02f auto)
         (method Forward ((x Tensor))
          (return (* (* $x (op Rsqrt (x (+ (op Mean (x (* $x $x))) .Eps)))) .Scale))))
        """);

    public static readonly RecordSpec Embedding = Parse("""
        (spec 1 Layer T.Embedding Embedding T public
         (hyperparameter Rows Int int)
         (hyperparameter Width Int int)
         (weight Weight public (.Rows .Width) Normal 0.02f auto)
         (method Lookup ((ids Tokens))
          (return (op Lookup (table .Weight) (ids $ids))))
         (method Project ((x Tensor))
          (return (op Linear (x $x) (weight .Weight)))))
        """);

    public static readonly RecordSpec Gpt2Attention = Parse("""
        (spec 1 Layer T.Gpt2Attention Gpt2Attention T public
         (hyperparameter Width Int int)
         (hyperparameter Heads Int int)
         (member Joint (new T.Linear (Inputs .Width) (Outputs (* 3 .Width))))
         (member Output (new T.Linear (Inputs .Width) (Outputs .Width)))
         (method Forward ((x Tensor))
          (let (query key value) (op Split3 (x (call .Joint Forward (x $x)))))
          (let (mixed) (op Attention (q (call _ Split (x $query))) (k (call _ Split (x $key))) (v (call _ Split (x $value)))))
          (return (call .Output Forward (x (op MergeHeads (x $mixed))))))
         (method Split ((x Tensor))
          (return (op SplitHeads (x $x) (heads .Heads)))))
        """);

    public static readonly RecordSpec Gpt2Block = Parse("""
        (spec 1 Layer T.Gpt2Block Gpt2Block T public
         (hyperparameter Width Int int)
         (hyperparameter Heads Int int)
         (member AttentionNorm (new T.LayerNorm (Width .Width)))
         (member Attention (new T.Gpt2Attention (Width .Width) (Heads .Heads)))
         (member MlpNorm (new T.LayerNorm (Width .Width)))
         (member Up (new T.Linear (Inputs .Width) (Outputs (* 4 .Width))))
         (member Down (new T.Linear (Inputs (* 4 .Width)) (Outputs .Width)))
         (method Forward ((x Tensor))
          (let (x) (+ $x (call .Attention Forward (x (call .AttentionNorm Forward (x $x))))))
          (return (+ $x (call .Down Forward (x (op Gelu (x (call .Up Forward (x (call .MlpNorm Forward (x $x))))) (tanh true)))))))
        )
        """);

    public static readonly RecordSpec Gpt2 = Parse("""
        (spec 1 Model T.Gpt2 Gpt2 T public
         (hyperparameter Vocab Int int 50257)
         (hyperparameter Context Int int 1024)
         (hyperparameter Width Int int 768)
         (hyperparameter Layers Int int 12)
         (hyperparameter Heads Int int 12)
         (member Token (new T.Embedding (Rows .Vocab) (Width .Width)))
         (member Position (new T.Embedding (Rows .Context) (Width .Width)))
         (member Blocks (repeat .Layers layer (new T.Gpt2Block (Width .Width) (Heads .Heads))))
         (member Final (new T.LayerNorm (Width .Width)))
         (method Forward ((tokens Tokens))
          (let (x) (+ (call .Token Lookup (ids $tokens)) (call .Position Lookup (ids (op Positions (tokens $tokens))))))
          (return (call .Token Project (x (call .Final Forward (x (call .Blocks Forward (x $x))))))))
         (preset Medium (new T.Gpt2 (Width 1024) (Layers 24) (Heads 16))))
        """);

    public static readonly RecordSpec Classifier = Parse("""
        (spec 1 Model T.Classifier Classifier T public
         (hyperparameter Pixels Int int 784)
         (hyperparameter Hidden Int int 128)
         (hyperparameter Classes Int int 10)
         (member Up (new T.Linear (Inputs .Pixels) (Outputs .Hidden)))
         (member Down (new T.Linear (Inputs .Hidden) (Outputs .Classes)))
         (method Forward ((image Tensor (shape .Pixels)))
          (return (call .Down Forward (x (op Tanh (x (call .Up Forward (x $image))))))))
         (method Loss ((image Tensor (shape .Pixels)) (labels Labels (limit .Classes)))
          (let (logits) (call _ Forward (image $image)))
          (return (op SumAll (x (* $logits $logits))))))
        """);

    /// <summary>A layer with a number of its own and a second tensor.</summary>
    public static readonly RecordSpec Scaled = Parse("""
        (spec 1 Layer T.Scaled Scaled T public
         (hyperparameter Width Int int)
         (hyperparameter Factor Float float)
         (weight Weight public (.Width) Ones 0.02f auto)
         (method Forward ((x Tensor) (y Tensor))
          (return (+ $x (* (* $y .Weight) .Factor)))))
        """);

    /// <summary>Attention that sees a window.</summary>
    public static readonly RecordSpec Windowed = Parse("""
        (spec 1 Layer T.Windowed Windowed T public
         (hyperparameter Width Int int)
         (hyperparameter Window Int int)
         (member Joint (new T.Linear (Inputs .Width) (Outputs (* 3 .Width)) (UseBias false)))
         (method Forward ((x Tensor))
          (let (q k v) (op Split3 (x (call .Joint Forward (x $x)))))
          (return (+ $x (op MergeHeads (x (op Attention (q (op SplitHeads (x $q) (heads 1)))
           (k (op SplitHeads (x $k) (heads 1))) (v (op SplitHeads (x $v) (heads 1))) (window .Window))))))))
        """);

    public static readonly RecordSpec Stage = Parse("""
        (spec 1 Layer T.Stage Stage T public
         (hyperparameter Width Int int)
         (hyperparameter Depth Int int)
         (hyperparameter Window Int int)
         (member Blocks (repeat .Depth layer (new T.Windowed (Width .Width) (Window (+ .Window $layer)))))
         (method Forward ((x Tensor)) (return (call .Blocks Forward (x $x)))))
        """);

    public static readonly IReadOnlyList<RecordSpec> Layers =
        [Linear, LayerNorm, RmsNorm, Embedding, Gpt2Attention, Gpt2Block, Scaled, Windowed, Stage];
}
