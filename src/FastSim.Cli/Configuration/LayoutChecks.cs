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
        ContextUse use,
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
            CheckCards(json[keys.Attention], [.. attention.Select(triple => Shared(restriction, triple, cards).Select(each => each.Cards).ToArray())], cards);
            CheckRanks(json[keys.Attention], attention, restriction);
            for (int model = 0; model < models.Length; model++)
            {
                TransformerModel cut = models[model].Value;
                TransformerModel? draft = model < drafts.Length && drafts[model].DraftTokens > 0 ? drafts[model].Draft?.Model : null;
                RequireOne(
                    json[keys.Attention],
                    [.. attention.SelectMany(triple => Shared(restriction, triple, cards)).SelectMany(restriction.Spread)],
                    triple => Divisibility.Obstacle(cut, draft, triple) ?? ContextCuts.Obstacle(cut, draft, triple, use) ?? FeedForwardCuts.Obstacle(cut, triple, use)
                        ?? WholeBlocks.Obstacle(cut, triple) ?? ContextCuts.SplitBlocks(cut, triple, use) ?? FeedForwardCuts.SplitBlocks(cut, triple, use),
                    cut);
            }
        }

        if (restriction.Experts is { } experts && Array.Exists(models, model => model.Value.Experts is not null))
        {
            CheckCards(json[keys.Experts], [.. experts.Select(triple => (long[])[triple.Cards])], cards);
            foreach (Listed<TransformerModel> model in models.Where(model => model.Value.Experts is not null))
            {
                RequireOne(
                    json[keys.Experts],
                    [.. experts],
                    triple => Obstacle(model.Value.Experts!, triple, redundancy, sharedOnEveryCard) ?? WholeBlocks.Obstacle(model.Value, triple),
                    model.Value);
            }

            if (restriction.Attention is { } stated)
            {
                AttentionTriple[][] stages = [.. stated.Select(triple => Shared(restriction, triple, cards))];
                ExpertTriple[][] groups = [.. experts.Select(triple => (ExpertTriple[])[triple])];
                RequirePartners(json[keys.Experts], groups, stages, (group, stage) => (group.Cards == stage.Cards, Divisibility.Obstacle(stage, group)));
                if (Array.TrueForAll(models, model => model.Value.Experts is not null))
                {
                    RequirePartners(json[keys.Attention], stages, groups, (stage, group) => (group.Cards == stage.Cards, Divisibility.Obstacle(stage, group)));
                }
            }
        }
    }

    /// <summary>A stated layout as context parallelism makes it fill the cards in play.</summary>
    private static AttentionTriple[] Shared(PlanRestriction restriction, AttentionTriple triple, CardCounts cards)
    {
        AttentionTriple[] shared = restriction.ContextParallel is null && cards.Counts is { } counts
            ? [.. counts.SelectMany(count => restriction.Shared(triple, count))]
            : [.. restriction.ContextParallel is null ? [triple] : restriction.Shared(triple, 0)];
        return shared.Length == 0 ? [triple] : shared;
    }

    /// <summary>Every triple of one list goes with some triple of the other, of as many cards: else it would be passed over without a word.</summary>
    private static void RequirePartners<T, TOther>(JsonValue list, T[][] triples, TOther[][] others, Func<T, TOther, (bool OnSameCards, string? Obstacle)> meet)
    {
        for (int index = 0; index < triples.Length; index++)
        {
            (bool OnSameCards, string? Obstacle)[] met =
                [.. triples[index].SelectMany(one => others.SelectMany(each => each).Select(other => meet(one, other))).Where(meeting => meeting.OnSameCards)];
            if (met.Length > 0 && Array.TrueForAll(met, meeting => meeting.Obstacle is not null))
            {
                throw list.List("triples")[index].Complaint($"EP x MoE-TP that divides DP x TP, so that expert groups lie inside pipeline stages: {met[0].Obstacle}");
            }
        }
    }

    /// <summary>Every triple must be for some card count in play, and every card count must have a triple.</summary>
    private static void CheckCards(JsonValue list, long[][] products, CardCounts cards)
    {
        JsonValue[] items = list.List("triples");
        for (int index = 0; index < items.Length; index++)
        {
            if (!Array.Exists(products[index], cards.Allows))
            {
                string words = string.Join(" or ", products[index].Distinct());
                throw items[index].Complaint($"three numbers whose product, here {words}{(products[index].Length > 1 ? " with context_parallel" : "")}, is the card count: {cards}");
            }
        }

        foreach (int count in cards.Counts ?? [])
        {
            if (!Array.Exists(products, each => each.Contains(count)))
            {
                throw list.Complaint($"a triple whose product is {count}, too, since that card count is in play");
            }
        }
    }

    /// <summary>Every triple has data-parallel ranks that some number of them divides, which share feed-forwards out.</summary>
    private static void CheckRanks(JsonValue list, IReadOnlyList<AttentionTriple> attention, PlanRestriction restriction)
    {
        JsonValue[] items = list.List("triples");
        for (int index = 0; index < items.Length; index++)
        {
            if (!restriction.Spread(attention[index]).Any())
            {
                throw items[index].Complaint($"a DP, here {attention[index].DataParallel}, that {RankKeys.AttentionDataParallel} divides: {string.Join(" or ", restriction.AttentionDataParallel!)}");
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
