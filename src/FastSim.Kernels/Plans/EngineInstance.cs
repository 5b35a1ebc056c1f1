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
    {
        (Step, Memory) = (step, memory);
        Loop = new ServingLoop(step);
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
    public static EngineInstance Of(DeploymentShape shape, EngineClock clock)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(clock);
        DeploymentShape decoding = shape with { Phase = Phase.Decode };
        OperatorTable decode = StageLowering.Lower(decoding);
        return new EngineInstance(
            new EngineStep(decode, StageLowering.Lower(shape with { Phase = Phase.Prefill }), clock),
            ServingMemory.Of(MemoryFootprint.Of(decode), decoding, clock.Rates.CapacityBytes));
    }
}
