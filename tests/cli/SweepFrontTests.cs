using System.Globalization;
using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>sweep --front</c>: the fronts of all variants, put together.</summary>
public sealed class SweepFrontTests
{
    private const string Bandwidth = """{"name": "gbps", "path": "system.mem1.GBps", "values": [2000, 8000, 4000]}""";
    private const string Memory = """{"name": "gib", "path": "system.mem1.GiB", "values": [288, 72, 144]}""";
    private const string Number = """{"name": "number", "path": "runtime.num_procs_list[0]", "values": [36, 40]}""";

    /// <summary>Each variant as a run of its own with a front of its own; of all those points the ones that none beats in tokens/s a card, tokens/s of a user and TTFT.</summary>
    [Fact]
    public void The_envelope_is_what_is_left_of_the_fronts_of_runs()
    {
        using SweepFiles files = new();
        files.Write("decode.json", """
            {"pd-fusion": {
              "model_list": ["models/deepseek_v3_flash_mla_absorb.json"], "sequence_length_list": [[4096, 1024]], "num_procs_list": [36], "num_redundant_experts_config": 32,
              "wac_bytes_list": [[0.5, 0.5, 1, 1]], "flops_type_list": [["float4", "float8", "float4"]], "time_limit_list": [[null, 400]],
              "sys_list": ["systems/SOW-U1-POR.json"], "output": "out"} }
            """);
        Assert.Equal(0, files.Sweep($"{Bandwidth}, {Memory}", """, "combine": "zip" """, "--front", "-q").ExitCode);
        string chip = File.ReadAllText(files.PathOf("systems", "SOW-U1-POR.json"));
        List<(double Card, double User, double FirstToken, string Variant)> all = [];
        int variant = 0;
        foreach ((int bandwidth, int memory) in new[] { (2000, 288), (8000, 72), (4000, 144) })
        {
            string own = Regex.Replace(chip, "(\"mem1\"[^}]*?\"GBps\": *)[0-9.]+", $"${{1}}{bandwidth}", RegexOptions.Singleline);
            files.Write("systems/SOW-U1-POR.json", Regex.Replace(own, "(\"mem1\"[^}]*?\"GiB\": *)[0-9.]+", $"${{1}}{memory}", RegexOptions.Singleline));
            Assert.Equal(0, FastSimProgram.Run("run", "-c", files.PathOf("decode.json"), "-o", files.PathOf("alone"), "--front", "-q").ExitCode);
            all.AddRange(Points(CsvTable.Load(files.PathOf("alone", "pd-fusion_front.csv"))).Select(point => (point.Card, point.User, point.FirstToken, $"{variant}")));
            variant++;
        }

        CsvTable envelope = files.Result("envelope.csv");
        (double Card, double User, double FirstToken, string Variant)[] expected =
        [
            .. all.Where(one => !all.Exists(other => other.Card >= one.Card && other.User >= one.User && other.FirstToken <= one.FirstToken
                    && (other.Card, other.User, other.FirstToken) != (one.Card, one.User, one.FirstToken)))
                .GroupBy(one => (one.Card, one.User, one.FirstToken)).Select(equal => equal.First()).OrderByDescending(one => one.Card).ThenBy(one => one.FirstToken),
        ];
        Assert.Equal(expected, Points(envelope).Zip(Column(envelope, "variant")).Select(pair => (pair.First.Card, pair.First.User, pair.First.FirstToken, pair.Second)));
        Assert.True(expected.Select(point => point.Variant).Distinct().Count() > 1, "one variant beats all others everywhere");
    }

    [Fact]
    public void Threads_and_shards_change_no_byte()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep($"{Bandwidth}, {Number}", "", "--front", "-q", "--threads", "1").ExitCode);
        byte[] one = File.ReadAllBytes(files.PathOf("out", "envelope.csv"));
        FastSimProgram.Outcome three = files.Sweep($"{Bandwidth}, {Number}", "", "--front", "--threads", "3");
        Assert.Contains($"envelope: {files.PathOf("out", "envelope.csv")}", three.Output, StringComparison.Ordinal);
        Assert.Equal(one, File.ReadAllBytes(files.PathOf("out", "envelope.csv")));

        // Without the option nothing of an earlier one stays.
        Assert.Equal(0, files.Sweep($"{Bandwidth}, {Number}", "", "-q").ExitCode);
        Assert.False(File.Exists(files.PathOf("out", "envelope.csv")));
        Assert.Equal(0, files.Sweep($"{Bandwidth}, {Number}", "", "-q", "--shard", "1/2").ExitCode);
        Assert.Equal(0, files.Sweep($"{Bandwidth}, {Number}", "", "-q", "--shard", "2/2").ExitCode);
        FastSimProgram.Outcome merged = FastSimProgram.Run("merge", "-c", files.PathOf("sweep.json"), "--front", "--json");
        Assert.Equal(0, merged.ExitCode);
        Assert.Contains("\"envelope\":", merged.Output, StringComparison.Ordinal);
        Assert.Equal(one, File.ReadAllBytes(files.PathOf("out", "envelope.csv")));
    }

    [Theory]
    [InlineData("\"name\": \"cards\"", "--json", "axes: found the name cards, which a column of envelope.csv has; expected another with --front")]
    [InlineData("\"name\": \"number\"", "--shard=1/2", "--front: found beside --shard; expected it of fastsim merge")]
    public void What_it_cannot_do_is_refused(string name, string option, string message)
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep(Number.Replace("\"name\": \"number\"", name, StringComparison.Ordinal), "", "--front", option);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(files.PathOf("out", "sweep_result.csv")));
    }

    /// <summary>Files may have commas after a last item, whatever axes write in them.</summary>
    [Fact]
    public void Commas_after_the_last_item_are_fine_in_what_axes_change()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep(Number, "", "-q").ExitCode);
        byte[] without = File.ReadAllBytes(files.PathOf("out", "sweep_result.csv"));
        files.Write("decode.json", File.ReadAllText(files.PathOf("decode.json")).Replace("\"output\": \"out\"}", "\"output\": \"out\",}", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = files.Sweep(Number, "", "-q");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Equal(without, File.ReadAllBytes(files.PathOf("out", "sweep_result.csv")));
    }

    private static IEnumerable<(double Card, double User, double FirstToken)> Points(CsvTable table) => Values(table, "tokens_per_second_per_card")
        .Zip(Values(table, "tokens_per_second_per_user"), Values(table, "ttft_ms"));

    private static string[] Column(CsvTable table, string name)
    {
        int column = table.Header.ToList().IndexOf(name);
        return [.. table.Rows.Select(row => row[column])];
    }

    private static double[] Values(CsvTable table, string name) => [.. Column(table, name).Select(text => double.Parse(text, CultureInfo.InvariantCulture))];
}
