using FastSim.Kernels.Clocks;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>An instance that an engine runs: times of its steps, what it achieves under load, what its cards hold. Serves one thread.</summary>
public sealed class EngineInstance
{
    /// <summary>Binds an instance.</summary>
    /// <param name="step">Times of its steps.</param>
    /// <param name="memory">What its cards hold.</param>
    public EngineInstance(EngineStep step, ServingMemory memory)
        : this(step, memory, null, null)
    {
    }

    private readonly MemoryFootprint? footprint;

    private EngineInstance(EngineStep step, ServingMemory memory, ServingLoop? before, ServingLoop? spare, MemoryFootprint? footprint = null)
    {
        (Step, Memory, this.footprint) = (step, memory, footprint);
        Loop = new ServingLoop(step, before, spare);
    }

    /// <summary>Times of its steps.</summary>
    public EngineStep Step { get; }

    /// <summary>What it achieves under load.</summary>
    public ServingLoop Loop { get; }

    /// <summary>What a card holds.</summary>
    public ServingMemory Memory { get; }

    /// <summary>Lowers an instance that prefills and decodes, and prices it.</summary>
    /// <param name="shape">What is deployed; its phase is taken as both.</param>
    /// <param name="clock">What prices its launches.</param>
    /// <param name="like">An instance that may be the same but for the lengths of requests, and serves the same thread; null for none.</param>
    /// <param name="spare">An instance that nobody asks any more, whose tables and room this one takes; null for none.</param>
    /// <param name="before">An instance on the same thread whose prompts may be as long: these have what goes by them in common; null for none.</param>
    public static EngineInstance Of(
        DeploymentShape shape, EngineClock clock, EngineInstance? like = null, EngineInstance? spare = null, EngineInstance? before = null)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(clock);
        DeploymentShape decoding = shape.Phase == Phase.Decode ? shape : shape with { Phase = Phase.Decode };
        DeploymentShape prompt = shape with { Phase = Phase.Prefill };
        PromptLists? prompts = before?.Step.SamePrompts(prompt, clock);
        MemoryFootprint? weighed = spare?.Step.Shape.Vision is null && decoding.Vision is null ? spare?.footprint : null;
        OperatorTable decode = StageLowering.Lowered(decoding, spare?.Step.DecodeTable, out bool isRevised);
        MemoryFootprint footprint = isRevised && weighed is not null ? weighed.WithCache(decoding) : MemoryFootprint.Of(decode).WithEncoder(decoding);
        return new EngineInstance(
            EngineStep.Of(decode, isRevised, prompts, prompt, clock, like?.Step, spare?.Step),
            ServingMemory.Of(footprint, decoding, clock.Rates.CapacityBytes),
            prompts is null ? null : before!.Loop,
            spare?.Loop,
            footprint);
    }
}
