using FastSim.Kernels.Deployment;
using FastSim.Kernels.Memory;

namespace FastSim.Kernels.Roofline;

/// <summary>A plan shape as bounds see it on any chip of the same tables and network shape.</summary>
/// <param name="Sums">Its stage.</param>
/// <param name="PromptSums">The stage of one prompt that is prefilled beside decoding; null without.</param>
/// <param name="Form">How latency follows from the stage's time; the prompt's time in it is one chip's.</param>
/// <param name="Memory">What a card holds.</param>
/// <param name="Steps">The batches that are tried.</param>
/// <param name="MostUnits">Largest batch to consider, in units.</param>
public sealed record ShapeOutline(
    StageSums Sums, StageSums? PromptSums, LatencyForm Form, MemoryFootprint Memory, BatchSteps Steps, long MostUnits);
