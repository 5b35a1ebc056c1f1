namespace FastSim.Tests;

/// <summary>
/// How much the tests do: a share of their cases without a word, which is minutes less, and all of them where <c>FASTSIM_TESTS</c> says
/// <c>long</c>, as <c>.ci/run</c> does. A short run leaves out cases of a test, and few tests whole: those say so.
/// </summary>
public static class TestLength
{
    private const string Variable = "FASTSIM_TESTS";

    /// <summary>Whether everything runs.</summary>
    public static bool IsLong { get; } = Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "short" => false,
        "long" => true,
        { } other => throw new InvalidOperationException($"{Variable}: found {other}; expected short or long"),
    };

    /// <summary>How many of something: <paramref name="whole"/> in a long run, <paramref name="some"/> in a short one.</summary>
    public static int Of(int whole, int some) => IsLong ? whole : some;

    /// <summary>Skips a test that belongs to long runs alone, and says so.</summary>
    /// <param name="reason">What takes so long.</param>
    public static void SkipUnlessLong(string reason)
    {
        if (!IsLong)
        {
            Assert.Skip($"{reason}: {Variable}=long runs it");
        }
    }
}
