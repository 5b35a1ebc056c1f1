using System.Globalization;
using FastSim.Kernels.Plans;

namespace FastSim.Cli.Serving;

/// <summary>What is taken where a row is silent, or otherwise than it says; each thing once, in order.</summary>
internal sealed class ServingNotes
{
    /// <summary>What stands between two notes.</summary>
    public const string Between = "; ";

    private List<string>? notes;
    private ReadNotes? shared;

    /// <summary>Whether the batch is not the row's own.</summary>
    public bool HasDefaultedBatch { get; private set; }

    /// <summary>Adds a note.</summary>
    public void Add(string note)
    {
        notes ??= [.. shared?.Each ?? []];
        if (!notes.Contains(note))
        {
            notes.Add(note);
        }
    }

    /// <summary>Adds notes that were put together before.</summary>
    public void Add(ReadNotes read)
    {
        if (notes is null && shared is null)
        {
            shared = read;
            return;
        }

        foreach (string note in read.Each)
        {
            Add(note);
        }
    }

    /// <summary>What there is so far, for rows that will add the same.</summary>
    public ReadNotes Read() => notes is null && shared is { } all ? all : new ReadNotes([.. notes ?? []]);

    /// <summary>Takes a value for a column that is silent.</summary>
    public double Default(string column, double value)
    {
        HasDefaultedBatch |= column is "batch_size" or "decode_batch_size";
        Add(string.Create(CultureInfo.InvariantCulture, $"{column} = {value:0}"));
        return value;
    }

    /// <summary>Takes a batch from a concurrency.</summary>
    /// <param name="column">Column of the batch, which is silent.</param>
    /// <param name="batch">Clients, a rank.</param>
    /// <param name="clients">Clients of all ranks.</param>
    /// <param name="ranks">The ranks.</param>
    /// <param name="isStated">Whether all of them are the row's own, of one instance.</param>
    public void BatchOfConcurrency(string column, double batch, double clients, double ranks, bool isStated)
    {
        HasDefaultedBatch |= !isStated;
        Add(string.Create(CultureInfo.InvariantCulture, $"{column} = {batch:0.##} from a concurrency of {clients:0.##}"));
        if (clients < ranks)
        {
            Add(string.Create(CultureInfo.InvariantCulture, $"tokens per second are of {ranks:0.##} clients, one a rank"));
        }
    }

    /// <summary>Says how a layout is read, where a row states another or leaves it open.</summary>
    /// <param name="pool">Prefix of the columns.</param>
    /// <param name="stated">Sizes as stated, 0 for not: tensor and data parallel, and the experts' tensor and expert parallel.</param>
    /// <param name="read">The layout.</param>
    /// <param name="hasExperts">Whether the model has experts.</param>
    public void AddLayout(string pool, (int Tensor, int Data, int ExpertTensor, int Expert) stated, ServingLayout read, bool hasExperts)
    {
        bool isOther = read.TensorParallel != Math.Max(1, stated.Tensor) || read.DataParallel != Math.Max(1, stated.Data);
        bool isOpen = stated is { ExpertTensor: 0, Expert: 0 };
        bool isOtherExperts = hasExperts && !isOpen
            && (read.ExpertTensorParallel != Math.Max(1, stated.ExpertTensor) || read.ExpertParallel != Math.Max(1, stated.Expert));
        if (isOther || isOtherExperts)
        {
            string experts = hasExperts ? $" MoE-TP{read.ExpertTensorParallel} EP{read.ExpertParallel}" : "";
            Add($"{pool.Replace('_', ' ')}layout read as TP{read.TensorParallel} DP{read.DataParallel}{experts}");
        }
        else if (hasExperts && isOpen && read.Cards > 1)
        {
            Default($"{pool}moe_tp_size", read.ExpertTensorParallel);
            Default($"{pool}moe_ep_size", read.ExpertParallel);
        }
        else if (!hasExperts && Math.Max(stated.ExpertTensor, stated.Expert) > 1)
        {
            Add($"{pool}moe_tp_size and {pool}moe_ep_size count for nothing: the model has no experts");
        }
    }

    /// <summary>All of them.</summary>
    public override string ToString() => notes is null ? shared?.Text ?? "" : string.Join(Between, notes);
}
