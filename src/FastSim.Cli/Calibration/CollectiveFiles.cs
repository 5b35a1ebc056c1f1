using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured collectives, <c>nccl_perf.parquet</c> and <c>custom_allreduce_perf.parquet</c>: a kind a collective and library.</summary>
internal static class CollectiveFiles
{
    /// <summary>The kind of the engines' own all-reduce.</summary>
    public const string OwnAllReduce = "custom_all_reduce";

    private const string LibraryPrefix = "nccl_";

    private static readonly Dictionary<string, Collective> Operators = new()
    {
        ["all_reduce"] = Collective.AllReduce,
        ["all_gather"] = Collective.AllGather,
        ["reduce_scatter"] = Collective.ReduceScatter,
        ["alltoall"] = Collective.AllToAll,
    };

    /// <summary>Columns of text, library.</summary>
    public static readonly string[] LibraryTexts = ["op_name", "nccl_dtype"];

    /// <summary>Columns of text, the engines' own.</summary>
    public static readonly string[] OwnTexts = ["allreduce_dtype"];

    /// <summary>Columns of numbers. The size counts elements.</summary>
    public static readonly string[] Numbers = ["num_gpus", "message_size", MeasuredRows.Latency];

    /// <summary>The kinds of the library.</summary>
    public static IEnumerable<MeasuredKind> Library(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        string[] operators = table.Texts("op_name");
        MeasuredRows.WarnOfUnknown(table, "op_name", Operators.ContainsKey, findings);
        return Kinds(table, "nccl_dtype", row => Operators.ContainsKey(operators[row]) ? LibraryPrefix + operators[row] : null, chip, findings);
    }

    /// <summary>The kind of the engines' own.</summary>
    public static IEnumerable<MeasuredKind> Own(MeasuredTable table, CalibrationChip chip, Findings findings) =>
        Kinds(table, "allreduce_dtype", _ => OwnAllReduce, chip, findings);

    private static IEnumerable<MeasuredKind> Kinds(
        MeasuredTable table, string typeColumn, Func<int, string?> kindOf, CalibrationChip chip, Findings findings)
    {
        string[] types = table.Texts(typeColumn);
        double[] cards = table.Numbers("num_gpus");
        double[] elements = table.Numbers("message_size");
        MeasuredRows.WarnOfUnknown(table, typeColumn, type => ElementBytes(type) is not null, findings);
        foreach ((string kind, List<(Message Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table,
            row => ElementBytes(types[row]) is null ? null : kindOf(row),
            row => new Message(elements[row] * ElementBytes(types[row])!.Value, cards[row])))
        {
            Collective collective = kind == OwnAllReduce ? Collective.AllReduce : Operators[kind[LibraryPrefix.Length..]];
            yield return new MeasuredKind<Message>(
                CollectiveTiming.Form,
                kind,
                cases,
                message => [message.Bytes, message.Members],
                parameters => message => CollectiveTiming.Microseconds(parameters, chip.Scale, collective, message.Bytes, message.Members),
                message => CollectiveTiming.WireShare(collective, message.Members) * message.Bytes
                    / chip.Scale.LinkBytesPerSecond * MeasuredRows.MicrosecondsPerSecond);
        }
    }

    private static double? ElementBytes(string type) => type switch
    {
        "half" or "float16" or "bfloat16" => 2,
        "int8" or "fp8" => 1,
        "float" or "float32" => 4,
        _ => null,
    };

    private readonly record struct Message(double Bytes, double Members);
}
