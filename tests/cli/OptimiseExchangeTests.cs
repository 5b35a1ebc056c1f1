using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Fronts of chips made of parts, most of which others of much the same rates beat: <c>sweep --optimise</c> finds them as a sweep of all does, byte for byte, though it leaves boxes out for what it never answers.</summary>
public sealed class OptimiseExchangeTests
{
    private static readonly int Spaces = TestLength.Of(100, 12);

    [Fact]
    public void Fronts_of_chips_made_of_parts_are_those_of_all_their_variants()
    {
        long[] exchanged = [0, 0];
        int onFronts = 0;
        for (int seed = 0; seed < Spaces; seed++)
        {
            using SweepFiles files = DrawnSpaces.Files();
            bool isOfHops = seed % 3 == 2;
            (string axes, string more) = isOfHops ? DrawHops(new Random(seed)) : Draw(new Random(seed));
            FastSimProgram.Outcome all = files.Sweep(axes, more, "-q", "-o", files.PathOf("all"));
            Assert.True(all.ExitCode is 0 or 3, $"seed {seed}: {all.Error}");
            FastSimProgram.Outcome found = files.Sweep(axes, more, "--optimise", "--json", "-o", files.PathOf("found"), "--threads", $"{1 + (seed % 3)}");
            Assert.True(found.ExitCode == all.ExitCode, $"seed {seed}: {found.Error}");
            string front = File.ReadAllText(files.PathOf("all", "pareto.csv"));
            Assert.True(front == File.ReadAllText(files.PathOf("found", "pareto.csv")), $"seed {seed}: another front\n{axes}\n{more}");
            using JsonDocument json = JsonDocument.Parse(found.Output);
            exchanged[isOfHops ? 1 : 0] += json.RootElement.GetProperty("ends").GetProperty("exchanged").GetProperty("variants").GetInt64();
            onFronts += front.Count(letter => letter == '\n') - 1;
        }

        // Of so few variants most are left out by others that were answered.
        Assert.True(exchanged[0] > Spaces && exchanged[1] > Spaces, $"{exchanged[0]} and {exchanged[1]} variants of {Spaces} spaces have a better one beside them");
        Assert.True(onFronts > 5 * Spaces, $"{onFronts} variants are on the fronts of {Spaces} spaces");
    }

    /// <summary>
    /// Products and quotients of numbers far apart that come to the same but for their last bit: 0.67·275.37 and 20.1·9.179, 7.62/1.41 and 1524/282, 1.12·131.52 and 56·2.6304. Which is less decides what is on
    /// the front, and the difference is lost in terms a hundred times as large.
    /// </summary>
    [Theory]
    [InlineData("gbps", "system.mem1.GBps", "[1000, 9850, 150]", "[0.67, 20.1]", "[9.179, 275.37]", "u * c", "200 + 0.01 * u * u * c", "p + 0.000001 * (gbps + fp4)", 184.5)]
    [InlineData("gbps", "system.mem1.GBps", "[1000, 9850, 150]", "[7.62, 1524]", "[1.41, 282]", "u / c", "200 + 100 * u / c / c", "p + 0.000001 * (gbps + fp4)", 5.404)]
    [InlineData("z", "", "[0, 59, 1]", "[1.12, 56]", "[2.6304, 131.52]", "u * c", "80 + z", "c + 0.001 * (fp4 + z)", 147.3)]
    public void Numbers_that_their_last_bit_tells_apart_are_not_taken_for_better(
        string name, string path, string range, string first, string second, string made, string capacity, string paid, double near)
    {
        using TemporaryFolder files = new();
        string data = Repository.PathOf("data").Replace('\\', '/');
        files.Write("runtime.json", $$"""
            {"pd-split-request-optimal": {"model_list": ["{{data}}/models/qwen3_32b_flash.json"], "sequence_length_list": [[4096, 1024]], "num_procs_list": [32], "pd_num_procs_list": [[0, 32]],
            "wac_bytes_list": [[0.5, 0.5, 1, 1]], "flops_type_list": [["float4", "float8", "float4"]], "time_limit_list": [[null, {{(path.Length > 0 ? "12" : "null")}}]],
            "sys_list": [["{{data}}/systems/SOW-U1-POR.json", "{{data}}/systems/SOW-U1-POR.json"]], "output": "out"} }
            """);
        string rate = path.Length > 0 ? $""", "path": "{path}" """ : "";
        string product = path.Length > 0 ? "" : """, "path": "system.mem1.GBps" """;
        files.Write("sweep.json", $$"""
            {"runtime": "runtime.json", "output": "out", "report": false, "best": 0,
            "axes": [{"name": "{{name}}"{{rate}}, "range": {{range}}}, {"name": "fp4", "path": "system.matrix.float4.tflops", "range": [300, 6790, 110]},
              {"name": "u", "values": {{first}}}, {"name": "c", "values": {{second}}}],
            "derive": [{"name": "p"{{product}}, "value": "{{made}}"}, {"name": "gib", "path": "system.mem1.GiB", "value": "{{capacity}}"}, {"name": "paid", "value": "{{paid}}"}],
            "filter": "Abs({{made}} - {{near.ToString(CultureInfo.InvariantCulture)}}) < 0.5", "pareto": [{"maximise": "tokens_per_second"}, {"minimise": "paid"}]}
            """);
        FastSimProgram.Outcome all = FastSimProgram.Run("sweep", "-c", files.PathOf("sweep.json"), "-o", files.PathOf("all"), "-q");
        Assert.True(all.ExitCode == 0, all.Error);
        FastSimProgram.Outcome found = FastSimProgram.Run("sweep", "-c", files.PathOf("sweep.json"), "-o", files.PathOf("found"), "-q", "--optimise");
        Assert.True(found.ExitCode == 0, found.Error);
        string front = File.ReadAllText(files.PathOf("all", "pareto.csv"));
        Assert.True(front.Count(letter => letter == '\n') > 50, front);
        Assert.Equal(front, File.ReadAllText(files.PathOf("found", "pareto.csv")));
    }

    private static (string Axes, string More) Draw(Random random)
    {
        string axes = string.Join(
            ", ",
            Axis(random, "stacks", 3, 12, random.Next(2, 5)),
            Axis(random, "pin", 4, 14, random.Next(3, 8)),
            Axis(random, "units", 40, 400, random.Next(14, 36)),
            Axis(random, "clock", 1, 3, random.Next(14, 36)));
        string third = Pick(random, "", "", """, {"minimise": "area"}""", """, {"minimise": "watts"}""", """, {"maximise": "units"}""");
        string filter = Pick(random, "", """, "filter": "watts <= 900 and area <= 900" """, """, "filter": "not (units > 100 and clock > 2.5)" """);
        string price = Pick(
            random,
            "0.5 + area / 400 * (1 + area / 800) + 0.1 * stacks + 0.0002 * watts",
            "(1 + units / 90) ** 1.5 + 0.3 * Sqrt(stacks * pin) + Exp(clock) / 20",
            "Max(area / 200, watts / 300) + 0.05 * stacks * (1 + pin / 20)",
            "if(area > 700, 1.2, 1) * (1 + area / 300) - 1 / (watts + 50)",
            "Floor(area / 25) + Ceiling(watts / 40) / 8");
        string served = Pick(random, "tokens_per_second_per_card", "tokens_per_second", "requests_per_second");
        string paid = Pick(random, "price", "cost");
        string more = $$"""
            , "derive": [
              {"name": "gib", "path": "system.mem1.GiB", "value": "24 * stacks"},
              {"name": "gbps", "path": "system.mem1.GBps", "value": "{{Number(40 + (100 * random.NextDouble()))}} * stacks * pin"},
              {"name": "fp4", "path": "system.matrix.float4.tflops", "value": "{{Number(4 + (20 * random.NextDouble()))}} * units * clock"},
              {"name": "area", "value": "90 + 2.4 * units + {{random.Next(0, 40)}} * stacks"},
              {"name": "watts", "value": "80 + 0.2 * units * Pow(clock, {{random.Next(2, 4)}}) + 0.5 * stacks * pin"},
              {"name": "price", "path": "system.price_per_hour", "value": "{{price}}"}],
            "cost": "price * 2 + area / 1000", "best": 0, "pareto": [{"maximise": "{{served}}"}, {"minimise": "{{paid}}"}{{third}}]{{filter}}
            """;
        return (axes, more);
    }

    /// <summary>Chips whose links are traded too: a latency, less of which is better, that one axis lengthens and another shortens.</summary>
    private static (string Axes, string More) DrawHops(Random random)
    {
        string axes = string.Join(
            ", ",
            Axis(random, "hop", 20, 4000, random.Next(6, 14)),
            Axis(random, "ports", 2, 40, random.Next(6, 14)),
            Axis(random, "units", 40, 400, random.Next(6, 14)),
            Axis(random, "clock", 1, 3, random.Next(6, 14)));
        string third = Pick(random, "", "", """, {"minimise": "delay"}""", """, {"minimise": "watts"}""");
        string price = Pick(
            random,
            "0.5 + area / 400 + 0.03 * ports + 20 / hop + 0.0002 * watts",
            "(1 + units / 90) ** 1.5 + 0.002 * ports * ports + 2 / Sqrt(hop)",
            "0.5 + area / 300 - hop / 8000 + 0.02 * ports");
        string more = $$"""
            , "derive": [
              {"name": "fp4", "path": "system.matrix.float4.tflops", "value": "{{Number(4 + (20 * random.NextDouble()))}} * units * clock"},
              {"name": "delay", "path": "system.networks[0].latency", "value": "{{Pick(random, "hop / ports / 1e9", "(hop + 200 / ports) / 1e9", "hop / 1e9 / Sqrt(ports)")}}"},
              {"name": "area", "value": "90 + 2.4 * units + 3 * ports"},
              {"name": "watts", "value": "80 + 0.2 * units * Pow(clock, {{random.Next(2, 4)}}) + ports"},
              {"name": "price", "path": "system.price_per_hour", "value": "{{price}}"}],
            "best": 0, "pareto": [{"maximise": "tokens_per_second"}, {"minimise": "price"}{{third}}]
            """;
        return (axes, more);
    }

    /// <summary>Steps that are even, or not, rising, or falling, or neither.</summary>
    private static string Axis(Random random, string name, double first, double last, int count)
    {
        bool isEven = random.Next(2) == 0;
        double[] values = [.. Enumerable.Range(0, count).Select(step => first + ((last - first) * (isEven ? (double)step / count : random.NextDouble())))];
        switch (random.Next(6))
        {
            case 0:
                Array.Reverse(values);
                break;
            case 1:
                random.Shuffle(values);
                break;
            default:
                Array.Sort(values);
                break;
        }

        return $$"""{"name": "{{name}}", "values": [{{string.Join(", ", values.Select(Number))}}]}""";
    }

    private static string Number(double number) => Math.Round(number, 3).ToString(CultureInfo.InvariantCulture);

    private static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];
}
