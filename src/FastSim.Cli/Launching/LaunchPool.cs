using FastSim.Kernels.Chips;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Cli.Launching;

/// <summary>What a pool of instances is for.</summary>
internal enum PoolRole
{
    /// <summary>Whole requests.</summary>
    Serve,

    /// <summary>Prompts of a split.</summary>
    Prefill,

    /// <summary>Answers of a split.</summary>
    Decode,
}

/// <summary>Instances of one engine that are started alike, and the servers they are on.</summary>
/// <param name="Role">What they are for.</param>
/// <param name="Winner">The plan.</param>
/// <param name="Job">The question.</param>
/// <param name="Settings">How the engine is set up.</param>
/// <param name="ServerCards">Cards of a server.</param>
internal sealed record LaunchPool(PoolRole Role, PhaseWinner Winner, Job Job, ServingEngine Settings, int ServerCards)
{
    private const int PortsAnInstance = 100;

    /// <summary>First card of a server that is the pool's: where two pools share one, not 0.</summary>
    public int FirstCard { get; init; }

    /// <summary>Instances of other pools on the same server.</summary>
    public int FirstPlace { get; init; }

    /// <summary>Port that clients ask.</summary>
    public int FrontPort { get; init; }

    /// <summary>Whether something stands before the instances and spreads requests.</summary>
    public bool HasFront { get; init; }

    /// <summary>Longest prompt and answer together.</summary>
    public int ContextTokens { get; init; }

    /// <summary>Quantization on loading; empty for none.</summary>
    public string Quantization { get; init; } = "";

    /// <summary>The layout.</summary>
    public ParallelLayout Layout => Winner.Layout;

    /// <summary>Cards of a pipeline stage of an instance.</summary>
    public int StageCards => EngineLayouts.StageCards(Job.Model, Layout);

    /// <summary>Cards of an instance.</summary>
    public int InstanceCards => StageCards * Layout.PipelineParallel;

    /// <summary>Attention ranks of an instance.</summary>
    public int Ranks => StageCards / Layout.TensorParallel;

    /// <summary>Instances.</summary>
    public int Instances => Layout.Cards / InstanceCards;

    /// <summary>Whether an instance is larger than a server.</summary>
    public bool SpansServers => InstanceCards > ServerCards;

    /// <summary>Servers of an instance.</summary>
    public int Nodes => SpansServers ? InstanceCards / ServerCards : 1;

    /// <summary>Instances on a server.</summary>
    public int PerServer => SpansServers ? 1 : Math.Min(Instances, ServerCards / InstanceCards);

    /// <summary>Servers.</summary>
    public int Servers => SpansServers ? Instances * Nodes : (Instances + PerServer - 1) / PerServer;

    /// <summary>Instances on the last server, where that has fewer; else 0.</summary>
    public int OnLastServer => SpansServers ? 0 : Instances % PerServer;

    /// <summary>Whether experts are spread over cards.</summary>
    public bool IsSpread => Layout.ExpertParallel > 1;

    /// <summary>Whether tokens go to experts by an expert-parallel library: where ranks hold different tokens and experts lie on several servers.</summary>
    public bool HasExpertLibrary => Settings.HasExpertLibrary && IsSpread && Ranks > 1 && SpansServers;

    /// <summary>Sequences of a rank at most.</summary>
    public long RankSequences => Whole(Winner.Sequences * Winner.Shape.MicroBatches);

    /// <summary>Sequences of a rank's micro-batch at most.</summary>
    public long StepSequences => Whole(Winner.Sequences);

    /// <summary>Draft tokens of a step.</summary>
    public int Drafts => Job.Prediction.DraftTokens;

    /// <summary>What drafts them.</summary>
    public Drafter Drafter => Drafter.Of(Job.Prediction.Draft);

    /// <summary>Tokens that a step takes at most: a prompt's chunk, or all that decode.</summary>
    public long StepTokens => Math.Max((long)Settings.ChunkTokens, RankSequences * (1 + Drafts));

    /// <summary>Whether the cache has 8 bits or fewer.</summary>
    public bool CachesInEightBits => Job.Precision.CacheBytes <= 1;

    /// <summary>The word of a cache of 16 bits: an engine that is left to choose keeps it in 8 where the checkpoint does.</summary>
    public string SixteenBitCache => WidensStoredCache ? "bfloat16" : "auto";

    /// <summary>Whether the cache has 16 bits though the checkpoint keeps it in 8.</summary>
    public bool WidensStoredCache => !CachesInEightBits && Job.Model.Structure is { Storage.CachesInEightBits: true };

    /// <summary>Part of a file's name.</summary>
    public string Suffix => Role switch
    {
        PoolRole.Prefill => "-prefill",
        PoolRole.Decode => "-decode",
        _ => "",
    };

    /// <summary>Share of a card's memory that weights and cache take.</summary>
    public double StaticShare => Share(Weights + (Settings.CacheShare * Math.Max(0, Capacity - Weights - Settings.ReserveBytes)));

    /// <summary>The same with what the engine keeps for itself.</summary>
    public double WholeShare => Share(Weights + Settings.ReserveBytes + (Settings.CacheShare * Math.Max(0, Capacity - Weights - Settings.ReserveBytes)));

    private double Capacity => Winner.Rates.Chip.Memory.CapacityGibibytes * DeviceMemory.BytesPerGibibyte;

    private double Weights => Winner.Memory.WeightBytes;

    /// <summary>Port of an instance of a server.</summary>
    /// <param name="place">Which of the server's.</param>
    public int PortOf(int place) => HasFront ? FrontPort + (PortsAnInstance * (FirstPlace + place + 1)) : FrontPort;

    /// <summary>A number for what else must differ between instances of a server.</summary>
    /// <param name="place">Which of the server's.</param>
    public int Offset(int place) => PortsAnInstance * (FirstPlace + place);

    /// <summary>Cards of an instance of a server.</summary>
    /// <param name="place">Which of the server's.</param>
    public IEnumerable<int> CardsOf(int place) => Enumerable.Range(FirstCard + (place * Math.Min(InstanceCards, ServerCards)), Math.Min(InstanceCards, ServerCards));

    /// <summary>Where an instance answers: the server that holds its first card, and the port.</summary>
    public IEnumerable<(string Host, int Port)> Addresses(bool isOneServer)
    {
        string name = Role == PoolRole.Serve ? "server" : Suffix[1..];
        for (int instance = 0; instance < Instances; instance++)
        {
            int server = SpansServers ? instance * Nodes : instance / PerServer;
            yield return (isOneServer ? "127.0.0.1" : $"{name}-{server}", PortOf(SpansServers ? 0 : instance % PerServer));
        }
    }

    /// <summary>What the plan is asked to say of itself at the head of files.</summary>
    public string Words
    {
        get
        {
            ParallelLayout layout = Layout;
            string experts = Job.Model.Experts is null ? "" : $", EP {layout.ExpertParallel} x MoE-TP {layout.ExpertTensorParallel}";
            string copies = layout.RedundantExperts > 0 ? $", {layout.RedundantExperts} redundant experts" : "";
            string instances = Instances == 1 ? "1 instance" : $"{Instances} instances";
            return $"{instances} of {InstanceCards} {(InstanceCards == 1 ? "card" : "cards")}: {Ranks} attention {(Ranks == 1 ? "rank" : "ranks")} of TP {layout.TensorParallel}, PP {layout.PipelineParallel}{experts}{copies}";
        }
    }

    /// <summary>Why instances cannot be put on servers; null where they can.</summary>
    public string? Obstacle => InstanceCards % ServerCards == 0 || ServerCards % InstanceCards == 0
        ? null
        : $"an instance of {InstanceCards} cards neither fills servers of {ServerCards} cards nor divides one; nearest: an instance whose cards do";

    private static long Whole(double sequences) => Math.Max(1, (long)Math.Ceiling(sequences - 1e-9));

    private double Share(double bytes) => Math.Clamp(Math.Floor(1000 * bytes / Capacity) / 1000, 0.05, 0.98);
}
