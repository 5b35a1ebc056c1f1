using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Models;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>What is written is what is read.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 100)]
public sealed class OutputLaws
{
    [Law]
    public bool Reading_a_table_back_gives_the_same_values(Job job, NonNull<string> name, bool isWide)
    {
        // Sep, as RFC 4180, keeps every character but a lone carriage return's meaning; names hold no control characters in JSON.
        string printable = new([.. name.Get.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter))]);
        Job named = job with { Model = job.Model with { Name = printable } };
        JobResult[] results = [JobSolver.Solve(named, EngineSettings.Default with { Threads = 1 }), JobSolver.Solve(named with { Index = 1, Cards = 2 }, EngineSettings.Default with { Threads = 1 })];
        ResultTable table = ResultTable.Of(results, Phase.Prefill, Phase.Decode);

        using TemporaryFolder folder = new();
        string path = folder.PathOf("table.csv.gz");
        OutputFile.Write(path, writer => ResultCsv.Write(table, isWide ? OutputForm.Wide : OutputForm.Categorised, writer));
        CsvTable read = CsvTable.Load(path);

        int firstValue = isWide ? 1 : 2;
        bool sameCells = read.Rows.Count == table.Rows.Count && read.Rows.Zip(table.Rows).All(pair =>
            pair.First[firstValue - 1] == pair.Second.Field
            && pair.First[firstValue..].SequenceEqual(
                pair.Second.Values.Select(value => Spreadsheet(pair.Second.Field == "expert_par_net" ? value.Replace(',', ' ') : value))));
        string throughput = read.Rows.Single(row => row[firstValue - 1] == "decoder_throughput(token/s)")[firstValue];
        double? written = results[0].Decode?.TokensPerSecond;
        bool sameNumber = written is { } number
            ? double.Parse(throughput, CultureInfo.InvariantCulture) == number
            : throughput.Length == 0;
        return sameCells && sameNumber;
    }

    /// <summary>Text that a spreadsheet would take for a formula has an apostrophe before it; numbers have none.</summary>
    private static string Spreadsheet(string value) =>
        value.Length > 0 && "=+-@".Contains(value[0], StringComparison.Ordinal) && !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? "'" + value
            : value;

    [Law]
    public bool Every_number_of_a_table_is_finite(Job job)
    {
        ResultTable table = ResultTable.Of([JobSolver.Solve(job, EngineSettings.Default with { Threads = 1 })], Phase.Prefill, Phase.Decode);
        return table.Rows.SelectMany(row => row.Values).All(value =>
            !double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) || double.IsFinite(number));
    }
}
