using System.CommandLine;
using FastSim.Cli.Launching;

namespace FastSim.Cli.Commands;

/// <summary>The command line that was typed, as a shell takes it again.</summary>
internal static class TypedCommand
{
    /// <summary>Of what was parsed.</summary>
    public static string Of(ParseResult parsed) => string.Join(' ', parsed.Tokens.Select(token => new LaunchWord(token.Value).Shell).Prepend("fastsim"));
}
