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
