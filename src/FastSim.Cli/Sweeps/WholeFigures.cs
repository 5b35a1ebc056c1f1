using FastSim.Kernels.Plans;
using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>What a deployment achieves, by what the plans of its phases do.</summary>
/// <param name="DecodeLimits">Whether decode serves no more requests than prefill.</param>
/// <param name="RequestsPerSecond">Requests/s: those of the phase that serves fewer.</param>
/// <param name="TokensPerSecond">Tokens/s: generated ones, or prompt tokens where only prefill runs.</param>
/// <param name="TokensPerSecondPerCard">The same by card.</param>
/// <param name="FirstTokenMilliseconds">Time to first token; NaN where no phase prefills.</param>
/// <param name="PerTokenMilliseconds">Time per output token; NaN where no phase decodes.</param>
internal readonly record struct WholeFigures(
    bool DecodeLimits,
    double RequestsPerSecond,
    double TokensPerSecond,
    double TokensPerSecondPerCard,
    double FirstTokenMilliseconds,
    double PerTokenMilliseconds)
{
    /// <summary>What a plan achieves.</summary>
    internal delegate PlanFigures FiguresOf(in VariantPlan plan);

    /// <summary>Of a deployment that has a plan.</summary>
    /// <param name="job">The job.</param>
    /// <param name="prefill">Its prefill plan, if found.</param>
    /// <param name="decode">Its decode or fusion plan, if found.</param>
    /// <param name="figures">What a plan achieves.</param>
    public static WholeFigures Of(Job job, in VariantPlan prefill, in VariantPlan decode, FiguresOf figures)
    {
        (PlanFigures prefills, PlanFigures decodes) = (figures(prefill), figures(decode));
        double prefillRequests = prefill.IsFound ? prefills.TokensPerSecond / job.Lengths.Input : double.PositiveInfinity;
        double decodeRequests = decode.IsFound ? decodes.TokensPerSecond / job.Lengths.Output : double.PositiveInfinity;
        bool decodeLimits = decodeRequests <= prefillRequests;
        double requests = Math.Min(prefillRequests, decodeRequests);
        double tokens = decodeLimits || !decode.IsFound ? (decodeLimits ? decodes : prefills).TokensPerSecond : requests * job.Lengths.Output;
        return new WholeFigures(
            decodeLimits,
            requests,
            tokens,
            tokens / ((prefill.IsFound ? prefill.Layout.Cards : 0) + (decode.IsFound ? decode.Layout.Cards : 0)),
            1000 * (prefill.IsFound ? prefills.FirstTokenSeconds : decodes.FirstTokenSeconds),
            decode.IsFound ? 1000 * decodes.PerTokenSeconds : double.NaN);
    }
}
