using FastSim.Kernels.Memory;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>A plan shape as bounds see it on any chip of the same tables and network shape.</summary>
/// <param name="Sums">Its stage.</param>
/// <param name="PromptSums">The stage of one prompt that is prefilled beside decoding; null without.</param>
/// <param name="Form">How latency follows from the stage's time; the prompt's time in it is one chip's.</param>
/// <param name="Memory">What a card holds.</param>
/// <param name="Steps">The batches that are tried.</param>
/// <param name="MostUnits">Largest batch to consider, in units.</param>
public sealed record ShapeOutline(
    StageSums Sums, StageSums? PromptSums, LatencyForm Form, MemoryFootprint Memory, BatchSteps Steps, long MostUnits)
{
    /// <summary>Tokens/s that no batch up to one exceeds, a rank.</summary>
    /// <param name="bound">The sums at a chip's rates.</param>
    /// <param name="units">The batch, in units.</param>
    public double MostTokensPerRankSecond(in StageBound bound, long units)
    {
        double sequences = Steps.At(units);
        return Form.TokensPerSequence * sequences / (Form.PassIsStage ? bound.StageSeconds(sequences) : PerTokenSeconds(bound, sequences));
    }

    /// <summary>Time per output token, or to the first token of a plan that only prefills, that no batch from one on falls below; seconds.</summary>
    /// <param name="bound">The sums at a chip's rates.</param>
    /// <param name="units">The batch, in units.</param>
    public double LeastLatencySeconds(in StageBound bound, long units)
    {
        double sequences = Steps.At(units);
        return double.IsNaN(Form.PerTokenPerStep)
            ? Form.FirstTokenConstant + (Form.FirstTokenPerStep * bound.StepSeconds(sequences))
            : PerTokenSeconds(bound, sequences);
    }

    private double PerTokenSeconds(in StageBound bound, double sequences)
    {
        double steps = Form.PerTokenPerStep * bound.StepSeconds(sequences);
        double prompts = Form.PerTokenPerSequence * sequences;
        return Form.PerTokenIsLonger ? Math.Max(steps, prompts) : steps + prompts;
    }
}
