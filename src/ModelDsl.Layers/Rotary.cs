namespace ModelDsl.Layers;

/// <summary>Which elements of a head rotary position embedding rotates together.</summary>
public enum Rotary
{
    /// <summary>No rotary positions.</summary>
    None,

    /// <summary>Element i with i + D / 2: GPT-NeoX, and Llama as Hugging Face stores it.</summary>
    Halves,

    /// <summary>Element 2 i with 2 i + 1: GPT-J, and Llama as Meta stores it.</summary>
    Neighbours,
}
