namespace ModelDsl.Inference;

/// <summary>
/// Several texts in step. All stand at the same position: the shortest prompt's length goes through the model at once, and
/// from there on a text takes its next token from its prompt as long as there is one.
/// </summary>
internal static class BatchGeneration
{
    public static int[][] Run(
        DecodeSession session, IReadOnlyList<int[]> prompts, Sampler sampler, IReadOnlyList<int> stopTokens, int context, int maximumTokens)
    {
        int batch = prompts.Count, shortest = prompts.Min(p => p.Length);
        var texts = prompts.Select(p => new TokenHistory([.. p])).ToArray();
        var ended = new bool[batch];
        var next = new int[batch];
        session.Append([.. prompts.SelectMany(p => p.Take(shortest))]);
        while (true)
        {
            for (int i = 0; i < batch; i++)
            {
                if (session.Length >= prompts[i].Length && !ended[i])
                    ended[i] = !Continue(texts[i], i);
                // A text that has ended goes on with whatever, so that the others can.
                next[i] = session.Length < texts[i].Count ? texts[i].Tokens[session.Length] : 0;
            }
            if (ended.All(e => e)) return [.. texts.Select((t, i) => t.From(prompts[i].Length).ToArray())];
            session.Append(next);
        }

        bool Continue(TokenHistory text, int i)
        {
            if (text.Count - prompts[i].Length >= maximumTokens) return false;
            int token = sampler.Next(session.Logits(i), text.Tokens, stream: (ulong)i);
            if (stopTokens.Contains(token)) return false;
            text.Add(token);
            return text.Count - prompts[i].Length < maximumTokens && text.Count <= context;
        }
    }
}
