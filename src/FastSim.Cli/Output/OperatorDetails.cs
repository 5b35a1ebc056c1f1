using System.Globalization;
using System.Text;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;
using nietras.SeparatedValues;

namespace FastSim.Cli.Output;

/// <summary>A winner's operators, one row each, of one block, in execution order (docs/file-formats.md, "Operator details").</summary>
public static class OperatorDetails
{
    /// <summary>What the first line of a file of operators starts with, whichever version wrote it.</summary>
    internal const string HeaderStart = "block,name,engine,class,dtype,flops,bytes,flops_time,mem_time,static_latency,process_time,bound";

    private const int LongestNameBytes = 72;

    /// <summary>A share of the stage's time that no rounding makes.</summary>
    private const double Rounding = 1e-12;

    /// <summary>Name of the file of a winner, without folder and ending. Long names are cut, since file systems take 255 bytes.</summary>
    public static string FileStem(PhaseWinner winner)
    {
        ArgumentNullException.ThrowIfNull(winner);
        string phase = winner.Shape.Phase == Phase.Prefill ? "prefill" : "decoder";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{phase}_{Safe(winner.Rates.Chip.Name)}_{Safe(winner.Shape.Model.Name)}_seq{winner.Shape.Lengths.Input}_tp{winner.Layout.TensorParallel}{(winner.Layout.ContextParallel == 1 ? "" : $"_cp{winner.Layout.ContextParallel}")}{AskedDimensions.Words(winner.Layout).ToLowerInvariant().Replace(' ', '_')}_pp{winner.Layout.PipelineParallel}_ep{winner.Layout.ExpertParallel}_moetp{winner.Layout.ExpertTensorParallel}_mbs{winner.MicroBatch}");
    }

    /// <summary>Writes the operators of a winner.</summary>
    public static void Write(PhaseWinner winner, FlopsTypes types, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(winner);
        ArgumentNullException.ThrowIfNull(types);
        using SepWriter csv = ResultCsv.Open(writer);
        for (int op = 0; op < winner.Table.Count; op++)
        {
            OperatorIdentity identity = winner.Table.Identities[op];
            OperatorCost cost = winner.Breakdown.Operators[op];
            bool isExchange = identity.Engine == OperatorEngine.Network;
            double shown = isExchange ? ExposedSeconds(winner, op) : cost.ProcessSeconds;
            Write(
                csv,
                identity,
                isExchange ? Cell.Empty : Cell.Text(types.Of(identity.Rate)),
                cost,
                shown,
                Bound(isExchange, shown, cost),
                winner.Table.Repeats[op],
                Clock(winner, op));
        }

        foreach (StagePart part in new[] { StagePart.Attention, StagePart.FeedForward })
        {
            WriteHidden(winner, part, csv);
        }

        WriteRest(winner, "second_memory", "second memory", winner.Breakdown.Time.WaitSeconds, csv);
        WriteRest(winner, "power_cap", "power cap", winner.Breakdown.Time.ThrottledSeconds, csv);
    }

    /// <summary>What makes the stage longer than all its rows.</summary>
    private static void WriteRest(PhaseWinner winner, string name, string bound, double rest, SepWriter csv)
    {
        if (rest <= Rounding * winner.Breakdown.Time.StageSeconds)
        {
            return;
        }

        using SepWriter.Row line = csv.NewRow();
        string[] clock = winner.Launches.Count > 0 ? ["clock"] : [];
        foreach (string column in (string[])[.. HeaderStart.Split(','), "repeats", .. clock])
        {
            line[column].Set(column switch
            {
                "block" => "stage",
                "name" => name,
                "bound" => bound,
                "process_time" => Cell.Of(rest),
                "repeats" => Cell.Of(1),
                _ => Cell.Empty,
            });
        }
    }

    private static void Write(
        SepWriter csv, in OperatorIdentity identity, string dataType, OperatorCost cost, double shownSeconds, string bound, double repeats, string? clock = null)
    {
        using SepWriter.Row line = csv.NewRow();
        line["block"].Set(identity.Block);
        line["name"].Set(identity.Name);
        line["engine"].Set(Engine(identity.Engine));
        line["class"].Set(Class(identity.Class));
        line["dtype"].Set(dataType);
        line["flops"].Set(Cell.Of(cost.Flops));
        line["bytes"].Set(Cell.Of(cost.Bytes));
        line["flops_time"].Set(Cell.Of(cost.ComputeSeconds));
        line["mem_time"].Set(Cell.Of(cost.MemorySeconds));
        line["static_latency"].Set(Cell.Of(cost.StaticLatencySeconds));
        line["process_time"].Set(Cell.Of(shownSeconds));
        line["bound"].Set(bound);
        line["repeats"].Set(Cell.Of(repeats));
        if (clock is not null)
        {
            line["clock"].Set(clock);
        }
    }

    /// <summary>What priced an operator's launch, its own or the one that it is part of; null where no engine runs the stage.</summary>
    private static string? Clock(PhaseWinner winner, int op)
    {
        for (int first = op; winner.Launches.Count > 0 && first >= 0; first--)
        {
            foreach (PricedLaunch launch in winner.Launches)
            {
                if (launch.Name == winner.Table.Identities[first].Name)
                {
                    return ServingChoice.WordOf(launch.Clock);
                }
            }
        }

        return null;
    }

    /// <summary>What exchanges that compute hides add to a part all the same: its time beyond that of its rows.</summary>
    private static void WriteHidden(PhaseWinner winner, StagePart part, SepWriter csv)
    {
        double rest = part == StagePart.Attention ? winner.Breakdown.Time.AttentionSeconds : winner.Breakdown.Time.FeedForwardSeconds;
        OperatorIdentity? first = null;
        for (int op = 0; op < winner.Table.Count; op++)
        {
            OperatorIdentity identity = winner.Table.Identities[op];
            if (identity.Part == part)
            {
                first ??= identity;
                rest -= winner.Table.Repeats[op]
                    * (identity.Engine == OperatorEngine.Network ? ExposedSeconds(winner, op) : winner.Breakdown.Operators[op].ProcessSeconds);
            }
        }

        if (first is { } block && rest > Rounding * winner.Breakdown.Time.StageSeconds)
        {
            OperatorIdentity hidden = block with { Name = "hidden_exchanges", Engine = OperatorEngine.Network, Class = OperatorClass.Communication };
            Write(csv, hidden, Cell.Empty, default, rest, "communication", 1);
        }
    }

    /// <summary>The part of an exchange that shows: all of a send to the next stage, the exposed share of the rest (cost model A5).</summary>
    private static double ExposedSeconds(PhaseWinner winner, int op)
    {
        double seconds = winner.Breakdown.Exchanges[op].Seconds;
        return winner.Table.Exchanges[op].Group == ExchangeGroup.PipelineParallel
            ? seconds
            : (1 - (winner.Table.PricedSeconds is null ? winner.Rates.Chip.CommunicationOverlap : 0)) * seconds;
    }

    private static string Bound(bool isExchange, double shownSeconds, OperatorCost cost)
    {
        if (isExchange)
        {
            return shownSeconds > 0 ? "communication" : "hidden";
        }

        return cost.IsComputeBound ? "compute" : "memory";
    }

    private static string Engine(OperatorEngine engine) => engine switch
    {
        OperatorEngine.Matrix => "cube",
        OperatorEngine.Vector => "vector",
        _ => "network",
    };

    private static string Class(OperatorClass kind) => kind switch
    {
        OperatorClass.FeedForward => "ffn",
        OperatorClass.BatchedProduct => "bmm",
        OperatorClass.Vector => "vector",
        _ => "comm",
    };

    /// <summary>A name without the characters that some file system refuses, and no longer than a third of what it takes.</summary>
    private static string Safe(string name)
    {
        StringBuilder safe = new();
        int bytes = 0;
        foreach (Rune rune in name.EnumerateRunes())
        {
            bytes += rune.Utf8SequenceLength;
            if (bytes > LongestNameBytes)
            {
                break;
            }

            bool isRefused = Rune.IsControl(rune) || Rune.IsWhiteSpace(rune) || "/\\:*?\"<>|,".Contains(rune.ToString(), StringComparison.Ordinal);
            safe.Append(isRefused ? "_" : rune.ToString());
        }

        return safe.ToString();
    }
}
