using FastSim.Cli.Commands;
using FastSim.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Random edits of published configurations: they are read, or refused in one line.</summary>
public sealed class PublishedFuzz
{
    private static readonly string[] Tokens =
    [
        "null", "0", "-1", "1", "7", "1e308", "NaN", "\"\"", "\"x\"", "[]", "{}", "[1]", "true", "2147483647", "0.5", "[\"re:(\"]",
        "\"full_attention\"", "\"sliding_attention\"", "_",
    ];

    private static Gen<InputFuzz.Edit> AnyEdit { get; } =
        from place in Gen.Choose(0, int.MaxValue)
        from length in Gen.Choose(0, 12)
        from token in Gen.Elements(Tokens)
        from isWord in Gen.Elements(true, true, true, false)
        select new InputFuzz.Edit("", place, length, token, isWord);

    [Law(MaxTest = 600)]
    public Property Random_edits_are_read_or_refused_in_one_line() =>
        Prop.ForAll(Arb.From(Gen.Elements<string>([.. PublishedConfigs.All])), Arb.From(AnyEdit.ListOf(2)), (config, edits) =>
        {
            string edited = edits.Aggregate(config, (text, edit) => edit.Apply(text));
            FastSimProgram.Outcome outcome = PublishedConfigs.Show(edited);
            string[] complaints = outcome.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries);
            bool behaves = outcome.ExitCode switch
            {
                ExitCodes.Success => outcome.Output.Contains("parameters total", StringComparison.Ordinal)
                    && !outcome.Output.Contains("NaN", StringComparison.Ordinal)
                    && !outcome.Output.Contains('∞', StringComparison.Ordinal),
                ExitCodes.BadInput => outcome.Output.Length == 0 && complaints.Length == 1 && complaints[0].StartsWith("error: ", StringComparison.Ordinal),
                _ => false,
            };
            return behaves.Label($"exit {outcome.ExitCode}\n{outcome.Error}\n{outcome.Output}\n{edited}");
        });
}
