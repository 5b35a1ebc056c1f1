namespace FastSim.Cli.Configuration.Published;

/// <summary>An architecture of several parts, one of which is the language model.</summary>
/// <param name="Within">The language model's architecture where the file does not name it; null where it must.</param>
/// <param name="Path">Where in the file the language model stands.</param>
internal sealed record Wrapper(string? Within, params string[] Path)
{
    /// <summary>The usual place.</summary>
    public const string LanguageModel = "text_config";

    /// <summary>Whether older files have the language model's fields beside those of the other parts.</summary>
    public bool MayBeFlat { get; init; }

    /// <summary>Whether the part may name another architecture than it is: the wrapper's class goes by its own.</summary>
    public bool IgnoresName { get; init; }

    /// <summary>Where the language model stands, in words.</summary>
    public string Place => MayBeFlat ? "language model" : string.Join('.', Path);

    /// <summary>One whose language model stands at the usual place.</summary>
    public static Wrapper Of(string within) => new(within, LanguageModel);
}
