using System.Globalization;
using FastSim.Tests;

namespace FastSim.Fuzz.Tests;

/// <summary>
/// Every format, spoilt: 500 inputs of each (100 in a short run), or as many as FASTSIM_FUZZ says, from the number that FASTSIM_FUZZ_FROM says (0 without
/// it), of all formats or those that FASTSIM_FUZZ_ONLY names. A fault names the number of its input, which makes it again.
/// </summary>
public sealed class FuzzTests
{
    private static readonly int Usual = TestLength.Of(500, 100);

    private static readonly FuzzFormat[] All =
    [
        new RuntimeFormat(), new ModelFormat(), new PublishedFormat(), new SystemFormat(), new SweepFormat(), new ExpressionFormat(), new ServingFormat(),
        new JournalFormat("csv"), new JournalFormat("parquet"), new ParquetFormat(), new OnnxFormat(),
    ];

    /// <summary>Names of the formats.</summary>
    public static TheoryData<string> Formats =>
        [.. All.Select(format => format.Name).Where(name => Environment.GetEnvironmentVariable("FASTSIM_FUZZ_ONLY")?.Split(',').Contains(name) ?? true)];

    /// <summary>No input fells the program.</summary>
    [Theory]
    [MemberData(nameof(Formats))]
    public void No_input_fells_the_program(string name)
    {
        IReadOnlyDictionary<int, int> exits = FuzzHarness.Run(All.Single(format => format.Name == name), Setting("FASTSIM_FUZZ", Usual), Setting("FASTSIM_FUZZ_FROM", 0));
        TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {string.Join(", ", exits.Select(exit => $"exit {exit.Key} {exit.Value} times"))}");

        // Inputs that are all refused would say nothing of what happens to those that are not.
        Assert.True(exits.Count > 1 || exits.Values.Sum() < Usual, $"{name}: every input ends with the same exit code");
    }

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out int value) ? value : usual;
}
