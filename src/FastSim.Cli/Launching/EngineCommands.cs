using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Launching;

/// <summary>A server of an instance, as its command line sees it.</summary>
/// <param name="Number">Which of the instance's, from 0; null where a variable says.</param>
/// <param name="Place">Which of the server's instances.</param>
internal readonly record struct InstanceNode(int? Number, int Place)
{
    /// <summary>Variable of scripts: the address of an instance's first server.</summary>
    public const string Head = "${HEAD}";

    /// <summary>Variable of manifests: which of a group's pods.</summary>
    public const string WorkerIndex = "LWS_WORKER_INDEX";

    /// <summary>Variable of scripts and manifests: the address at which other pools reach a server.</summary>
    public const string OwnAddress = "SIDE_CHANNEL_HOST";

    /// <summary>Whether it is the one that answers.</summary>
    public bool IsFirst => Number == 0;

    /// <summary>The number as a word of the command line.</summary>
    public LaunchWord Word => Times(1);

    /// <summary>A multiple of the number as a word of the command line.</summary>
    public LaunchWord Times(int factor) => (Number, factor) switch
    {
        ({ } number, _) => new LaunchWord($"{number * factor}"),
        (null, 1) => new LaunchWord($"${{{WorkerIndex}}}", Expands: true),
        _ => new LaunchWord($"$(({WorkerIndex} * {factor}))", Expands: true),
    };
}

/// <summary>What one engine's instances are started with.</summary>
/// <param name="release">The release whose flags it writes.</param>
internal abstract class EngineCommands(EngineRelease release)
{
    /// <summary>Variable of scripts that names the model.</summary>
    public static readonly LaunchWord Model = new("${MODEL}", Expands: true);

    /// <summary>The release.</summary>
    public EngineRelease Release => release;

    /// <summary>How a container starts it.</summary>
    public abstract IReadOnlyList<string> EntryPoint { get; }

    /// <summary>Whether a group of pods can start an instance on several servers; else Slurm does.</summary>
    public virtual bool StartsByPods => true;

    /// <summary>Whether its command line says how many images a request has, of a plan with that many.</summary>
    /// <param name="images">Images of a request; of none, whether the vision encoder is left out.</param>
    public virtual bool LimitsImages(int images) => false;

    /// <summary>The command of an instance on one of its servers.</summary>
    /// <param name="pool">The pool.</param>
    /// <param name="node">The server.</param>
    public abstract LaunchCommand Instance(LaunchPool pool, InstanceNode node);

    /// <summary>What spreads requests over instances; null where the engine has nothing for it.</summary>
    /// <param name="front">The pools.</param>
    public abstract LaunchCommand? Router(LaunchFront front);

    /// <summary>Settings that instances read from a file; null where the command line says all.</summary>
    /// <param name="pool">The pool.</param>
    public virtual EngineConfiguration? Configuration(LaunchPool pool) => null;

    /// <summary>Files that the router reads.</summary>
    /// <param name="front">The pools.</param>
    public virtual IEnumerable<(string Name, YamlMap Content)> RouterFiles(LaunchFront front) => [];

    /// <summary>What of a plan the engine's flags say only nearly.</summary>
    /// <param name="pool">The pool.</param>
    public abstract IEnumerable<string> Approximations(LaunchPool pool);

    /// <summary>Why the engine cannot draft so; null where it can.</summary>
    /// <param name="pool">The pool, and what is to draft in it.</param>
    public virtual string? DraftRefusal(LaunchPool pool) => null;

    /// <summary>The engine as the cost model describes it: the job's, where it is this one, else its defaults.</summary>
    public ServingEngine SettingsOf(Search.Jobs.Job job) =>
        job.Engine is { } engine && new Search.Plans.EngineLayouts(engine.Name, job.Model, job.DecodeChip, 0).Engine == release.Engine
            ? engine
            : ServingEngine.All[release.Engine];

    /// <summary>Words for the attention ranks of an instance.</summary>
    protected static string RanksOf(LaunchPool pool) => $"{pool.Ranks} attention ranks of an instance";

    /// <summary>Words for the longest request.</summary>
    protected static string ContextOf(LaunchPool pool) =>
        $"{pool.Job.Lengths.Input} prompt and {pool.Job.Lengths.Output} answer tokens";

    /// <summary>Words for the images of a request.</summary>
    protected static string ImagesOf(LaunchPool pool) => pool.Job.Lengths.Images.Images switch
    {
        0 => "no images: the engine leaves the vision encoder out as the plan does",
        1 => "an image of a request",
        int images => $"{images} images of a request",
    };

    /// <summary>Words for a number of experts.</summary>
    protected static string CopiesOf(LaunchPool pool) => $"{pool.Layout.RedundantExperts} redundant experts";

    /// <summary>Words for draft tokens.</summary>
    protected static string DraftsOf(LaunchPool pool) => pool.Drafts == 1 ? "1 draft token a step" : $"{pool.Drafts} draft tokens a step";

    /// <summary>Whether the model has blocks with a dense feed-forward among expert blocks.</summary>
    protected static bool HasDenseBlocks(TransformerModel model) => model.Experts is not null && model.HasDenseBlocks;
}

/// <summary>Settings that an engine reads from a file.</summary>
/// <param name="Content">The settings.</param>
/// <param name="Meanings">What of the plan each says.</param>
internal sealed record EngineConfiguration(YamlMap Content, IReadOnlyList<(string Plan, string Flag)> Meanings);

/// <summary>What stands before instances: whom it asks.</summary>
/// <param name="Port">Port that clients ask.</param>
/// <param name="Serve">Instances that serve whole requests; of those there are none in a split.</param>
/// <param name="Prefill">Instances that prefill.</param>
/// <param name="Decode">Instances that decode.</param>
internal sealed record LaunchFront(
    int Port, IReadOnlyList<FrontAddress> Serve, IReadOnlyList<FrontAddress> Prefill, IReadOnlyList<FrontAddress> Decode)
{
    /// <summary>Whether prompts and answers have instances of their own.</summary>
    public bool IsSplit => Prefill.Count > 0;
}

/// <summary>Where an instance answers.</summary>
/// <param name="Host">Its server's name; a variable of scripts.</param>
/// <param name="Name">Its server's name as it stands.</param>
/// <param name="Port">Its port.</param>
/// <param name="Place">Number for the further port of a prefill instance.</param>
internal sealed record FrontAddress(LaunchWord Host, string Name, int Port, int Place);
