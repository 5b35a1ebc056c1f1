namespace FastSim.Cli.Configuration;

/// <summary>Which numbers a key takes, in words and as a test.</summary>
internal sealed record NumberRule(string Expected, Func<double, bool> Accepts)
{
    public static NumberRule Positive { get; } = new("a number above 0", number => number > 0);

    public static NumberRule NotNegative { get; } = new("a number of at least 0", number => number >= 0);

    public static NumberRule Any { get; } = new("a number", _ => true);

    public static NumberRule Efficiency { get; } = new("a number above 0 and at most 1", number => number is > 0 and <= 1);

    public static NumberRule Share { get; } = new("a number from 0 to 1", number => number is >= 0 and <= 1);

    public static NumberRule ShareBelowOne { get; } = new("a number of at least 0 and below 1", number => number is >= 0 and < 1);
}
