using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>
/// Expressions that are no number on their way (a root of less than 0, 0/0, a difference of infinite ones) and compare it: comparisons of that are false, but for <c>!=</c>, and
/// <c>sweep --optimise</c> finds the front that a sweep of all has, byte for byte.
/// </summary>
public sealed class OptimiseNoneTests
{
    private const string Rates = """{"name": "gbps", "path": "system.mem1.GBps", "range": [1000, 9850, 150]}, {"name": "fp4", "path": "system.matrix.float4.tflops", "range": [300, 6790, 110]}""";
    private const string Four = "(Sign(x) + Sign(x) + Sign(x) + Sign(x))";
    private const string FourToTheFourth = Four + " * " + Four + " * " + Four + " * " + Four;
    private const string TwoToTheThirtySecond = FourToTheFourth + " * " + FourToTheFourth + " * " + FourToTheFourth + " * " + FourToTheFourth;
    private static readonly int Spaces = TestLength.Of(150, 16);

    /// <summary>
    /// Each is cheap at one value of x, where a comparison of no number is false (or a negation of one true), and dear where bounds take it for one of numbers.
    /// </summary>
    [Theory]
    [InlineData("[4, -1]", "if(Sqrt(x) < 5, 10000, 0) + 0.01 * gbps")]
    [InlineData("[4, -1]", "if(Sqrt(x) < 5, 0, 10000) + 0.01 * gbps")]
    [InlineData("[400, 1, -1]", "if(not (Ln(x) < 8), 0, 10000) + 0.01 * fp4")]
    [InlineData("[400, 1, -1]", "if(Ln(x) >= 0, 10000, 0) + 0.01 * fp4")]
    [InlineData("[400, 1, -1]", "if(Log10(x) < 5 and Log(x, 2) < 50, 10000, 0) + 0.01 * (fp4 + gbps)")]
    [InlineData("[400, 1, -1]", "if(Ln(x) > 8 or Sqrt(x) != Sqrt(x), 0, 10000) + 0.01 * (fp4 + gbps)")]
    [InlineData("[4, -1]", "if(Pow(x, 0.5) <= 5, 10000, 0) + 0.01 * gbps")]
    [InlineData("[4, -1]", "if(Min(Sqrt(x), 3) < 5, 10000, 0) + 0.01 * gbps")]
    [InlineData("[4, 0]", "if(x / x < 5, 10000, 0) + 0.01 * gbps")]
    [InlineData("[4, 0]", "if(1 / x - 1 / x < 5, 10000, 0) + 0.01 * gbps")]
    [InlineData("[4, 0]", "if(x % x < 5, 10000, 0) + 0.01 * gbps")]
    [InlineData("[-4, 0]", "if(1 / x < 0, 10000, 0) + 0.01 * gbps")]
    [InlineData("[4, 1e30]", "if(x ** 20 / x ** 20 < 5, 10000, 0) + 0.01 * gbps")]
    [InlineData("[4, -1]", "Pow(Sqrt(x) / 1000, if(x < 0, 0, 1)) * 10000 + 0.01 * gbps")]
    [InlineData("[4, -1]", "if(Sqrt(x), 10000, 0) - if(Sqrt(x - 1) == 5, 1, 0) + 0.01 * gbps")]
    [InlineData("[4, -1]", "if(Sqrt(x - gbps + 5000) < 50, 10000, 100) + 0.01 * gbps")]
    [InlineData("[-1, 1]", "if(" + TwoToTheThirtySecond + " == 0, 0, 1000) + 0.01 * gbps")]
    public void Fronts_are_those_of_all_variants(string values, string expression)
    {
        using SweepFiles files = new();
        Compare(files, $$"""{{Rates}}, {"name": "x", "values": {{values}}}""", $$""", "derive": [{"name": "p", "value": "{{expression}}"}], "best": 0, "pareto": [{"maximise": "tokens_per_second"}, {"minimise": "p"}]""", expression);
    }

    /// <summary>Drawn costs and filters over numbers of any sign.</summary>
    [Fact]
    public void Fronts_and_bests_of_drawn_expressions_are_those_of_all_variants()
    {
        int compared = 0;
        for (int seed = 0; seed < Spaces; seed++)
        {
            Random random = new(seed);
            using SweepFiles files = new();
            string axes = $$"""
                {"name": "gbps", "path": "system.mem1.GBps", "range": [1000, 9850, {{random.Next(2, 5) * 295}}]}, {"name": "fp4", "path": "system.matrix.float4.tflops", "range": [300, 6790, {{random.Next(2, 5) * 300}}]},
                {"name": "x", "values": [{{string.Join(", ", Enumerable.Range(0, random.Next(2, 6)).Select(_ => Pick(random, "-1", "0", "4", "-2.5", "1", "400", "0.25")))}}]},
                {"name": "y", "values": [{{string.Join(", ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Pick(random, "-3", "0", "2", "0.5")))}}]}
                """;
            string paid = $"if({Condition(random, 2)}, {random.Next(0, 900)}, {random.Next(0, 900)}) + 0.01 * gbps + {Pick(random, "0.01 * fp4", "Abs(x)", "if(" + Condition(random, 1) + ", fp4 / 90, gbps / 90)")}";
            string filter = random.Next(3) == 0 ? $", \"filter\": \"{Condition(random, 2)} or fp4 > {random.Next(300, 6000)}\"" : "";
            string score = $", \"score\": \"tokens_per_second / (1 + if({Condition(random, 1)}, 3, 0) + p / 200) + 0 * (x + y)\", \"best\": 2";
            string more = $$""", "derive": [{"name": "p", "value": "{{paid}}"}], "pareto": [{"maximise": "tokens_per_second"}, {"minimise": "p"}]{{filter}}{{score}}""";
            compared += Compare(files, axes, more, $"seed {seed}: {axes}{more}") ? 1 : 0;
        }

        Assert.True(compared > Spaces * 2 / 3, $"{compared} of {Spaces} spaces have a front");
    }

    private static bool Compare(SweepFiles files, string axes, string more, string asked)
    {
        FastSimProgram.Outcome all = files.Sweep(axes, more, "-q", "-o", files.PathOf("all"));
        Assert.True(all.ExitCode is 0 or 3, $"{asked}: {all.Error}");
        FastSimProgram.Outcome found = files.Sweep(axes, more, "--optimise", "-q", "-o", files.PathOf("found"));
        Assert.True(found.ExitCode == all.ExitCode, $"{asked}: {found.Error}");
        foreach (string table in new[] { "pareto.csv", "best.csv" }.Where(table => File.Exists(files.PathOf("all", table))))
        {
            Assert.True(File.ReadAllText(files.PathOf("all", table)) == File.ReadAllText(files.PathOf("found", table)), $"another {table}: {asked}");
        }

        return all.ExitCode == 0;
    }

    private static string Condition(Random random, int depth) => depth > 0 && random.Next(2) == 0
        ? random.Next(3) switch
        {
            0 => $"not ({Condition(random, depth - 1)})",
            1 => $"({Condition(random, depth - 1)} and {Condition(random, depth - 1)})",
            _ => $"({Condition(random, depth - 1)} or {Condition(random, depth - 1)})",
        }
        : $"({MayBeNone(random)} {Pick(random, "<", "<=", ">", ">=", "==", "!=")} {Pick(random, "0", "1", "y", "5", MayBeNone(random))})";

    private static string MayBeNone(Random random)
    {
        string number = Pick(random, "x", "y", "(x + y)", "(x * y)", "(x - gbps / 3000)", "(y - fp4 / 2000)");
        return random.Next(9) switch
        {
            0 or 1 => $"Sqrt({number})",
            2 => $"Ln({number})",
            3 => $"Log10({number})",
            4 => $"({number} / {Pick(random, "x", "y", "(x * y)")})",
            5 => $"Pow({number}, {Pick(random, "0.5", "y", "2")})",
            6 => $"Min(Sqrt({number}), {Pick(random, "x", "3")})",
            7 => $"Max(Ln({number}), {Pick(random, "y", "(-2)")})",
            _ => $"({number} % {Pick(random, "x", "y")})",
        };
    }

    private static string Pick(Random random, params string[] words) => words[random.Next(words.Length)];
}
