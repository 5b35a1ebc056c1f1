namespace FastSim.Cli.Configuration;

/// <summary>Reads <c>idle_cards</c>: whether a deployment whose cards all prefill and decode may leave some of them idle.</summary>
internal static class IdleCards
{
    /// <summary>The key.</summary>
    public const string Name = "idle_cards";

    /// <summary>Numbers of cards that a deployment may take of those that there are.</summary>
    /// <param name="cards">Cards.</param>
    public static IReadOnlyList<int> Counts(int cards) => [.. Enumerable.Range(1, cards)];
}
