namespace FastSim.Cli.Serving;

/// <summary>Notes that many rows share, put together once.</summary>
/// <param name="each">The notes, in order, each once.</param>
internal sealed class ReadNotes(IReadOnlyList<string> each)
{
    /// <summary>The notes, in order.</summary>
    public IReadOnlyList<string> Each => each;

    /// <summary>All of them.</summary>
    public string Text { get; } = string.Join(ServingNotes.Between, each);
}
