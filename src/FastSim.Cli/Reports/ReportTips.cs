using System.Globalization;
using FastSim.Cli.Sweeps;
using nietras.SeparatedValues;

namespace FastSim.Cli.Reports;

/// <summary>What a pointer over a cell is told: the variant, its winning plan and figures, or why it has none.</summary>
internal sealed class ReportTips
{
    private static readonly string[] Phases = ["prefill", "decoder"];
    private static readonly string[] Formulas = ["cost", "score"];

    private readonly Dictionary<int, int> numbers = [];
    private readonly List<int> rows = [];

    /// <summary>Number of a row's tip; null for no row.</summary>
    public int? Of(int row)
    {
        if (row < 0)
        {
            return null;
        }

        if (!numbers.TryGetValue(row, out int number))
        {
            number = rows.Count;
            numbers[row] = number;
            rows.Add(row);
        }

        return number;
    }

    /// <summary>The tips, by number.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="path">Its rows.</param>
    public string[] Read(SweepPlan plan, string path)
    {
        string[] tips = new string[rows.Count];
        int[] inOrder = [.. rows];
        Array.Sort(inOrder);
        SepReaderOptions form = Sep.New(',').Reader(options => options with { Unescape = true });
        if (plan.KeepsColumns)
        {
            using SepReader picked = form.FromText(ColumnFile.CsvOf(plan, path, inOrder));
            foreach (int row in inOrder)
            {
                tips[numbers[row]] = picked.MoveNext() ? Tip(plan, picked.Current) : "";
            }

            return tips;
        }

        using SepReader csv = form.FromFile(path);
        int next = 0;
        for (int row = 0; next < inOrder.Length && csv.MoveNext(); row++)
        {
            if (row == inOrder[next])
            {
                tips[numbers[row]] = Tip(plan, csv.Current);
                next++;
            }
        }

        return tips;
    }

    private static string Tip(SweepPlan plan, SepReader.Row line)
    {
        List<string> parts = [];
        foreach (string axis in plan.AxisNames)
        {
            parts.Add($"{axis} = {Shorten(line[axis].ToString())}");
        }

        string reason = line[SweepColumns.Reason.Name].ToString();
        if (reason.Length > 0)
        {
            parts.Add($"no plan: {reason}");
            return string.Join('\n', parts);
        }

        parts.Add($"{Shorten(line[SweepColumns.PerCard].ToString())} tokens/s/card, {Shorten(line["tokens_per_second"].ToString())} in all");
        if (plan.Header.Contains(WholeInterval.LeastPerCard) && line[WholeInterval.LeastPerCard].Span.Length > 0)
        {
            parts.Add($"four of five within {Shorten(line[WholeInterval.LeastPerCard].ToString())} to {Shorten(line[WholeInterval.MostPerCard].ToString())} tokens/s/card");
        }

        AddLatency(line, parts, "ttft_ms", "TTFT");
        AddLatency(line, parts, "tpot_ms", "TPOT");
        foreach (string phase in Phases.Where(phase => plan.Header.Contains($"{phase}_cards")))
        {
            if (line[$"{phase}_cards"].Span.Length == 0)
            {
                continue;
            }

            string experts = line[$"{phase}_ep"].Span.Length > 0
                ? $", EP {line[$"{phase}_ep"]} MoE-TP {line[$"{phase}_moe_tp"]} redundant {line[$"{phase}_redundant_experts"]}"
                : "";
            parts.Add(
                $"{phase}: {line[$"{phase}_cards"]} cards, DP {line[$"{phase}_dp"]} PP {line[$"{phase}_pp"]} TP {line[$"{phase}_tp"]}{experts}, batch {line[$"{phase}_microbatch"]}, {Shorten(line[$"{phase}_memory_gib"].ToString())} GiB");
        }

        parts.Add($"bound by {line["bound"]}; batch by {line["batch_bound"]}");
        foreach (string extra in Formulas.Where(plan.Header.Contains))
        {
            parts.Add($"{extra} {Shorten(line[extra].ToString())}");
        }

        return string.Join('\n', parts);
    }

    private static void AddLatency(SepReader.Row line, List<string> parts, string column, string name)
    {
        if (line[column].Span.Length > 0)
        {
            parts.Add($"{name} {Shorten(line[column].ToString())} ms");
        }
    }

    private static string Shorten(string number) => double.TryParse(number, NumberStyles.Float, CultureInfo.InvariantCulture, out double value) ? Labels.Of(value) : number.Length == 0 ? "none" : number;
}
