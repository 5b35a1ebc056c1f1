using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Plans;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>A plan for programs: the same facts as the screen (docs/file-formats.md, "For programs").</summary>
internal static class PlanJson
{
    /// <summary>The document.</summary>
    /// <param name="answers">Answers, a chip each.</param>
    /// <param name="warnings">Warnings.</param>
    public static string Of(IReadOnlyList<PlanAnswer> answers, IReadOnlyList<string> warnings) => IndentedJson.Object(json =>
    {
        json.WriteObjects("chips", answers, answer => Write(json, answer));
        json.WriteTexts("warnings", warnings);
    });

    private static void Write(Utf8JsonWriter json, PlanAnswer answer)
    {
        Job job = answer.Studies[0].Result.Job;
        json.WriteString("chip", answer.Chip.Name);
        json.WriteString("model", job.Model.Name);
        json.WriteNumber("cards", job.Cards);
        json.WriteNumber("inputTokens", job.Lengths.Input);
        json.WriteNumber("outputTokens", job.Lengths.Output);
        if (job.Lengths.Images.Images > 0)
        {
            json.WriteNumber("images", job.Lengths.Images.Images);
            json.WriteNumber("imageTokens", job.Lengths.Images.TokensEach);
        }

        json.WriteBoolean("hasPlan", answer.Best is not null);
        json.WritePropertyName("runtime");
        json.WriteRawValue(answer.Runtime);
        json.WriteObjects("leftOut", TallyText.Refusals(answer.Tallies), refusal =>
        {
            json.WriteString("reason", TallyText.Word(refusal.Reason));
            json.WriteNumber("plans", refusal.Plans);
        });
        if (answer.Best is null)
        {
            json.WriteTexts("nearestMiss", TallyText.NearestMisses(answer.Tallies, answer.Studies.Select(study => study.Result)).Distinct());
        }

        if (answer.Best is { } best)
        {
            json.WriteStartObject("best");
            Write(json, best.Job, best.Point);
            WriteUse(json, best);
            DeploymentEconomics economics = DeploymentEconomics.Of(best.Result);
            json.WriteStartObject("economics");
            foreach (EconomicFigure<DeploymentEconomics> figure in EconomicFigures.OfDeployment.Where(figure => !double.IsNaN(figure.Value(economics))))
            {
                json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(string.Concat(figure.Name.Split('_').Select(word => char.ToUpperInvariant(word[0]) + word[1..]))), figure.Value(economics));
            }

            json.WriteEndObject();
            if (Confidence.Of(best) is { } interval)
            {
                json.WriteStartObject("perTokenInterval");
                json.WriteNumber("probability", PerTokenInterval.Probability);
                json.WriteNumber("lowMilliseconds", interval.LowMilliseconds);
                json.WriteNumber("highMilliseconds", interval.HighMilliseconds);
                if (answer.Ranking.Count > 1)
                {
                    json.WriteBoolean("holdsRunnerUp", Confidence.IsWithin(answer.Ranking[1], best, interval));
                }

                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteObjects("ranking", answer.Ranking, ranked =>
            {
                Write(json, ranked.Job, ranked.Point);
                if (ranked != best)
                {
                    json.WriteString("why", Shortfall.Of(ranked, best));
                }
            });
            json.WriteObjects("tenPercent", answer.Helps, effect =>
            {
                json.WriteString("resource", effect.Resource);
                WriteNumber(json, "less", effect.Less);
                WriteNumber(json, "more", effect.More);
            });
        }

        json.WriteObjects("front", answer.Studies.SelectMany(study => study.Front.Select(point => (study.Result.Job, point))), each => Write(json, each.Job, each.point));
    }

    private static void Write(Utf8JsonWriter json, Job job, FrontPoint point)
    {
        json.WriteString("mode", RuntimeFile.NameOf(job.Mode));
        json.WriteNumber("cards", point.Cards);
        json.WriteNumber("idleCards", job.Cards - point.Cards);
        json.WriteNumber("requestsPerSecond", point.RequestsPerSecond(job.Lengths));
        json.WriteNumber("tokensPerSecondPerCard", point.TokensPerCardSecond);
        json.WriteNumber("tokensPerSecondPerUser", point.TokensPerUserSecond);
        json.WriteNumber("firstTokenMilliseconds", point.Merit.FirstTokenSeconds * 1000);
        json.WriteNumber("perTokenMilliseconds", point.Merit.PerTokenSeconds * 1000);
        if (!double.IsNaN(point.JoulesPerToken))
        {
            json.WriteNumber("joulesPerToken", point.JoulesPerToken);
        }

        foreach ((string phase, FrontPlan? plan) in new[] { ("prefill", point.Prefill), ("decode", point.Decode) })
        {
            if (plan is { Layout: { } layout } known)
            {
                json.WriteStartObject(phase);
                json.WriteNumber("cards", layout.Cards);
                json.WriteNumber("dataParallel", layout.DataParallel);
                json.WriteNumber("pipelineParallel", layout.PipelineParallel);
                json.WriteNumber("tensorParallel", layout.TensorParallel);
                if (job.SharesContexts)
                {
                    json.WriteNumber("contextParallel", layout.ContextParallel);
                }

                if (job.SharesFeedForwards)
                {
                    json.WriteNumber("attentionDataParallel", layout.AttentionDataParallel);
                }

                if (job.ExchangesOtherThanRows)
                {
                    json.WriteString("feedForwardExchange", RankKeys.WordOf(layout.FeedForward.Exchange));
                    json.WriteNumber("feedForwardWays", Math.Max(1, layout.FeedForward.OfWays));
                }

                if (job.ChoosesRows)
                {
                    json.WriteBoolean("sequenceParallel", layout.SequenceParallel);
                }

                if (job.Model.Experts is not null)
                {
                    json.WriteNumber("expertParallel", layout.ExpertParallel);
                    json.WriteNumber("expertTensorParallel", layout.ExpertTensorParallel);
                    json.WriteNumber("expertDataParallel", layout.ExpertDataParallel);
                    json.WriteNumber("redundantExperts", layout.RedundantExperts);
                }

                if (!layout.Second.IsNone)
                {
                    json.WriteNumber("secondMemoryWeights", layout.Second.Weights);
                    json.WriteNumber("secondMemoryCache", layout.Second.Cache);
                }

                json.WriteNumber("microBatches", known.MicroBatches);
                json.WriteNumber("sequences", known.Sequences);
                json.WriteEndObject();
            }
        }
    }

    private static void WriteUse(Utf8JsonWriter json, PlannedDeployment best)
    {
        PhaseWinner[] phases = best.IsSplit ? [best.Result.Prefill!, best.Result.Decode!] : [best.Result.Decode!];
        json.WriteObjects("pools", phases, phase =>
        {
            CardMemory memory = CardMemory.Of(phase);
            Utilisation used = best.IsSplit ? Utilisation.Of(phase) : Utilisation.Of(best.Result.Prefill!, phase);
            json.WriteString("pool", best.IsSplit ? PlannedDeployment.PhaseOf(phase) : "both");
            json.WriteNumber("weightBytes", memory.Weights);
            json.WriteNumber("cacheBytes", memory.Cache);
            json.WriteNumber("workingBytes", memory.Working);
            json.WriteNumber("freeBytes", memory.Free);
            if (memory.Second > 0)
            {
                json.WriteNumber("secondMemoryBytes", memory.Second);
            }

            json.WriteNumber("flopUtilisation", used.Flops);
            json.WriteNumber("bandwidthUtilisation", used.Bandwidth);
            json.WriteString("boundBy", Bottleneck.Of(phase));
            json.WriteString("batchEndsBy", Shortfall.Ending(best, phase));
        });
    }

    private static void WriteNumber(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsNaN(value))
        {
            json.WriteNull(name);
        }
        else
        {
            json.WriteNumber(name, value);
        }
    }
}
