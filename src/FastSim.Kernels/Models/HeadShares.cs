namespace FastSim.Kernels.Models;

/// <summary>
/// Heads of attention on a card of <c>TP</c> (docs/cost-model.md, "Padded heads"): even shares, or where a model pads its heads whole ones, of which some cards
/// have padding in place, as PaLM's 48 heads on 64 chips (Pope et al., "Efficiently Scaling Transformer Inference", arXiv 2211.05102).
/// </summary>
public static class HeadShares
{
    /// <summary>Query heads of a card: <c>H/TP</c>; padded <c>ceil(H/TP)</c>.</summary>
    /// <param name="model">The model, as the block has it.</param>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public static double Queries(TransformerModel model, int tensorParallel)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.PadsHeads ? Ceiling(model.Heads, tensorParallel) : (double)model.Heads / tensorParallel;
    }

    /// <summary>
    /// Key-value heads of a card, at least one: <c>K/TP</c>; padded <c>ceil(K/TP)</c> where that many serve its query heads, which they do where each card has whole
    /// groups or each group whole cards; elsewhere query heads lie in order, and a card has a copy of every key-value head that the fullest one's read.
    /// </summary>
    /// <param name="model">The model, as the block has it.</param>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public static double KeysAndValues(TransformerModel model, int tensorParallel)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.PadsHeads
            ? Padded(model.Heads, model.KeyValueHeads, tensorParallel)
            : Math.Max(1d, (double)model.KeyValueHeads / tensorParallel);
    }

    /// <summary>Whether <c>TP</c> cards share group-query heads without padding.</summary>
    /// <param name="model">The model, as the block has it.</param>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public static bool AreWhole(TransformerModel model, int tensorParallel)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Heads % tensorParallel == 0
            && (model.Attention != AttentionKind.GroupQuery || model.KeyValueHeads % tensorParallel == 0 || tensorParallel % model.KeyValueHeads == 0);
    }

    private static int Padded(int heads, int keyValueHeads, int tensorParallel)
    {
        int queries = Ceiling(heads, tensorParallel);
        int group = Ceiling(heads, keyValueHeads);
        int fewest = Ceiling(keyValueHeads, tensorParallel);
        int byGroups = tensorParallel < keyValueHeads ? fewest * group : Ceiling(group, tensorParallel / keyValueHeads);
        if (byGroups == queries)
        {
            return fewest;
        }

        int most = fewest;
        int cards = Math.Min(Math.Min(tensorParallel, group), Ceiling(heads, queries));
        for (int card = 0; card < cards; card++)
        {
            int first = card * queries;
            int last = Math.Min(first + queries, heads) - 1;
            most = Math.Max(most, (last / group) - (first / group) + 1);
        }

        return most;
    }

    private static int Ceiling(int number, int of) => (number + of - 1) / of;
}
