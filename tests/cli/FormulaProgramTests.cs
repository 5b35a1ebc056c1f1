using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Expressions of arithmetic are computed without their tree: to the bits that the tree gives.</summary>
public sealed class FormulaProgramTests
{
    private const int PerSweep = 30;
    private static readonly int Sweeps = TestLength.Of(10, 2);

    [Fact]
    public void Arithmetic_gives_the_bits_of_its_tree()
    {
        for (int seed = 0; seed < Sweeps; seed++)
        {
            Compare(new Random(seed));
        }
    }

    /// <summary>Names of functions have their letters' case, in parts too that a trial does not come to.</summary>
    [Theory]
    [InlineData("if(a < 1500, a, MIN(a, 3000))", "MIN")]
    [InlineData("if(a < 1500, a, sqrt(a))", "sqrt")]
    [InlineData("if(a < 1500, a, IF(a > 2000, 1, 2))", "IF")]
    public void Functions_of_another_case_are_not_found(string text, string name)
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep("""{"name": "a", "values": [1000, 2000, 4000]}""", $$""", "derive": [{"name": "p", "value": "{{text}}"}]""", "-q");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"Function not found. Name: {name}", outcome.Error, StringComparison.Ordinal);
    }

    private static void Compare(Random random)
    {
        using SweepFiles files = new();
        string[] drawn = [.. Enumerable.Range(0, PerSweep).Select(_ => Draw(random, 3))];

        // An exponential is left to the tree, which so computes the whole of the second.
        string derive = string.Join(",", drawn.Select((text, number) => $$"""{"name": "p{{number}}", "value": "{{text}}"}, {"name": "t{{number}}", "value": "if(Exp(a / 1e9) > 0, {{text}}, 0)"}"""));
        string axes = """{"name": "a", "values": [-7.3, -1, 0, 0.1, 2, 3.7, 1e9]}, {"name": "b", "values": [-2, -0.3, 0, 1, 5.5, 123456.789]}""";
        FastSimProgram.Outcome outcome = files.Sweep(axes, $", \"derive\": [{derive}]", "-q");
        Assert.True(outcome.ExitCode is 0 or 3, outcome.Error);
        CsvTable rows = files.Result();
        for (int number = 0; number < drawn.Length; number++)
        {
            Assert.True(Values($"t{number}").SequenceEqual(Values($"p{number}")), drawn[number]);
        }

        IEnumerable<string> Values(string name)
        {
            int column = rows.Header.ToList().IndexOf(name);
            return rows.Rows.Select(row => row[column]);
        }
    }

    private static string Draw(Random random, int depth)
    {
        if (depth == 0)
        {
            return random.Next(3) switch
            {
                0 => "a",
                1 => "b",
                _ => Math.Round((random.NextDouble() * 20) - 6, random.Next(4)).ToString(CultureInfo.InvariantCulture),
            };
        }

        string one = Draw(random, depth - 1);
        string other = Draw(random, random.Next(depth));
        return random.Next(11) switch
        {
            0 or 1 => $"({one} + {other})",
            2 => $"({one} - {other})",
            3 => $"({one} * {other} / 100)",
            4 => $"({one} / (1 + {other} * {other}))",
            5 => $"Min({one}, {other})",
            6 => $"Max({one}, -({other}))",
            7 => $"Pow(1 + Min(Sqrt({one} * {one}), 50), Min({other}, 3) / 4)",
            8 => $"Sqrt(Max({one}, 0.5))",
            9 => $"(2 ** Min({one}, 8))",
            _ => $"if({one} <= {other} and not ({other} > 3) or {one} > 2 and {other} < 1, {one}, {other})",
        };
    }
}
