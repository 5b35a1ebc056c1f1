using FastSim.Kernels.Models;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Cli.Configuration;

/// <summary>Checks layouts that a user stated: their cards, and that each model can be cut so in at least one of the ways given.</summary>
internal static class LayoutChecks
{
    public static void Check(
        JsonObject json,
        PhaseKeys keys,
        PlanRestriction restriction,
        CardCounts cards,
        Listed<TransformerModel>[] models,
        MultiTokenPrediction[] drafts,
        RedundancyRange? redundancy,
        bool sharedOnEveryCard,
        Findings findings)
    {
        if (cards.Largest == 0)
        {
            foreach (string key in keys.All.Where(json.Has))
            {
                findings.Warn($"{json[key].File}: {json[key].Path}: no split gives that phase any cards; it is not used");
            }

            return;
        }

        if (restriction.Attention is { } attention)
        {
            CheckCards(json[keys.Attention], [.. attention.Select(triple => triple.Cards)], cards);
            for (int model = 0; model < models.Length; model++)
            {
                TransformerModel cut = models[model].Value;
                TransformerModel? draft = model < drafts.Length && drafts[model].DraftTokens > 0 ? drafts[model].Draft?.Model : null;
                RequireOne(json[keys.Attention], [.. attention], triple => Divisibility.Obstacle(cut, draft, triple) ?? WholeBlocks.Obstacle(cut, triple), cut);
            }
        }

        if (restriction.Experts is { } experts && Array.Exists(models, model => model.Value.Experts is not null))
        {
            CheckCards(json[keys.Experts], [.. experts.Select(triple => triple.Cards)], cards);
            foreach (Listed<TransformerModel> model in models.Where(model => model.Value.Experts is not null))
            {
                RequireOne(
                    json[keys.Experts],
                    [.. experts],
                    triple => Obstacle(model.Value.Experts!, triple, redundancy, sharedOnEveryCard) ?? WholeBlocks.Obstacle(model.Value, triple),
                    model.Value);
            }

            if (restriction.Attention is { } stages)
            {
                RequirePartners(json[keys.Experts], [.. experts], [.. stages], (group, stage) => (group.Cards == stage.Cards, Divisibility.Obstacle(stage, group)));
                if (Array.TrueForAll(models, model => model.Value.Experts is not null))
                {
                    RequirePartners(json[keys.Attention], [.. stages], [.. experts], (stage, group) => (group.Cards == stage.Cards, Divisibility.Obstacle(stage, group)));
                }
            }
        }
    }

    /// <summary>Every triple of one list goes with some triple of the other, of as many cards: else it would be passed over without a word.</summary>
    private static void RequirePartners<T, TOther>(JsonValue list, T[] triples, TOther[] others, Func<T, TOther, (bool OnSameCards, string? Obstacle)> meet)
    {
        for (int index = 0; index < triples.Length; index++)
        {
            (bool OnSameCards, string? Obstacle)[] met = Array.FindAll(
                Array.ConvertAll(others, other => meet(triples[index], other)), meeting => meeting.OnSameCards);
            if (met.Length > 0 && Array.TrueForAll(met, meeting => meeting.Obstacle is not null))
            {
                throw list.List("triples")[index].Complaint($"EP x MoE-TP that divides DP x TP, so that expert groups lie inside pipeline stages: {met[0].Obstacle}");
            }
        }
    }

    /// <summary>Every triple must be for some card count in play, and every card count must have a triple.</summary>
    private static void CheckCards(JsonValue list, long[] products, CardCounts cards)
    {
        JsonValue[] items = list.List("triples");
        for (int index = 0; index < items.Length; index++)
        {
            if (!cards.Allows(products[index]))
            {
                throw items[index].Complaint($"three numbers whose product, here {products[index]}, is the card count: {cards}");
            }
        }

        foreach (int count in cards.Counts ?? [])
        {
            if (!products.Contains(count))
            {
                throw list.Complaint($"a triple whose product is {count}, too, since that card count is in play");
            }
        }
    }

    private static void RequireOne<T>(JsonValue list, T[] triples, Func<T, string?> obstacle, TransformerModel model)
    {
        string?[] obstacles = Array.ConvertAll(triples, triple => obstacle(triple));
        if (Array.TrueForAll(obstacles, found => found is not null))
        {
            throw list.List("triples")[0].Complaint($"a layout for {model.Name}: {obstacles[0]}");
        }
    }

    private static string? Obstacle(MixtureOfExperts experts, ExpertTriple triple, RedundancyRange? redundancy, bool sharedOnEveryCard)
    {
        RedundancyRange range = redundancy ?? new RedundancyRange(experts.RedundantExperts, experts.RedundantExperts);
        bool shared = sharedOnEveryCard && experts.SharedExpertsPerToken > 0;
        return Divisibility.Redundancies(experts, triple, range, shared).Any()
            ? null
            : Divisibility.Obstacle(experts, triple, range.Lowest, shared);
    }
}
