using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>The keys that fix a phase's plans: lists of triples, or null to leave them to the search.</summary>
internal sealed record PhaseKeys(string Attention, string Experts, string Batch)
{
    /// <summary>Each is held against every card count and model.</summary>
    private const int MostTriples = 10_000;

    public IReadOnlyList<string> All => [Attention, Experts, Batch];

    public PlanRestriction Read(JsonObject json) => new(
        Triples(json[Attention], "[DP, PP, TP]", (first, second, third, _) => new AttentionTriple(first, second, third)),
        Triples(json[Experts], "[EP, Moe_TP, Moe_DP]", (first, second, third, _) => new ExpertTriple(first, second, third)),
        Triples(json[Batch], "[global_bs, num_bs, bs]", (first, second, third, item) =>
            first == (long)second * third
                ? new BatchTriple(first, second, third)
                : throw item.Complaint($"[global_bs, num_bs, bs] with global_bs = num_bs·bs = {(long)second * third}")));

    private static T[]? Triples<T>(JsonValue value, string form, Func<int, int, int, JsonValue, T> create)
    {
        if (value.IsNull)
        {
            return null;
        }

        return Array.ConvertAll(value.Items($"null or a list of {form}", MostTriples), item =>
        {
            JsonValue[] triple = item.Tuple(3, form);
            return create(triple[0].Integer(1), triple[1].Integer(1), triple[2].Integer(1), item);
        });
    }
}
