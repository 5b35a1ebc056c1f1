using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Serving;

/// <summary>
/// What rows state of an instance but for how long its requests are, and what a thread keeps of it for instances that it has yet to meet. Serves one thread.
/// </summary>
/// <param name="model">The model.</param>
/// <param name="clock">What prices its launches.</param>
/// <param name="engine">The engine, as its release is.</param>
/// <param name="precision">Data types.</param>
/// <param name="layout">How the cards share it.</param>
/// <param name="drafts">What is drafted.</param>
internal sealed class StatedInstance(
    TransformerModel model, EngineClock clock, ServingEngine engine, ServingPrecision precision, ServingLayout layout, MultiTokenPrediction drafts)
{
    /// <summary>The model.</summary>
    public TransformerModel Model => model;

    /// <summary>What prices its launches.</summary>
    public EngineClock Clock => clock;

    /// <summary>The engine, as its release is.</summary>
    public ServingEngine Engine => engine;

    /// <summary>Data types.</summary>
    public ServingPrecision Precision => precision;

    /// <summary>How the cards share it.</summary>
    public ServingLayout Layout => layout;

    /// <summary>What is drafted.</summary>
    public MultiTokenPrediction Drafts => drafts;

    /// <summary>What is deployed when it decodes, but for the lengths of its requests and how they come.</summary>
    public DeploymentShape Shape { get; } = new(
        model,
        new SequenceLengths(1, 1),
        new Precision(
            precision.Origin.Stored != WeightRoles.None && model.Structure is { Storage: var storage } ? storage.MainBytes : RooflineChip.WeightBytes(precision.Kinds.FeedForward),
            RooflineChip.ActivationBytes(precision.Kinds.FeedForward), precision.CacheBytes, 2),
        Accounting.Physical,
        drafts,
        Phase.Decode,
        layout.Parallel,
        MicroBatches: layout.PipelineParallel)
    {
        Engine = engine,
        Kinds = precision.Kinds,
    };

    /// <summary>Whether more instances of it may come, for which one is kept.</summary>
    public bool IsKept { get; init; }

    /// <summary>One whose requests have some lengths, against which others are held; its tables are never another's.</summary>
    public ServingInstance? Pattern { get; set; }

    /// <summary>The one that was made last, as long as its tables are its own: its prompts may be as long as the next one's.</summary>
    public ServingInstance? Latest { get; set; }

    /// <summary>Forgets the instances that it keeps, whose tables are many times what rows state: whatever instance comes next is the pattern.</summary>
    public void Forget()
    {
        (Pattern, Latest) = (null, null);
        TimedByRoofline.Clear();
    }

    /// <summary>Which launches of instances like the pattern no other clock than the roofline knows, by how their lengths decide that (<see cref="EngineStep.TimedBy"/>).</summary>
    public Dictionary<(bool AbsorbsLatent, bool HasFewTokens), string?> TimedByRoofline { get; } = [];
}
