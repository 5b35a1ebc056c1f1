using System.Text;
using FastSim.Cli.Commands;
using FastSim.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Random edits of valid input: the program never crashes, and never claims success without a table that parses.</summary>
public sealed class InputFuzz
{
    private static readonly string[] Files = ["fusion.json", "split.json", "dense.json", "experts.json", "chip.json"];

    private static readonly string[] Tokens =
    [
        "null", "0", "-1", "1e308", "1e-308", "NaN", "\"\"", "\"x\"", "[]", "{}", "true", "[", "]", "{", "}", ",", ":", "\"", "#", "//", "/*", "\\",
        "2147483647", "3", "0.5", "[[1, 1, 1]]", "\u00e9", "\u0000", "\n", "_",
    ];

    private static Gen<Edit> AnyEdit { get; } =
        from file in Gen.Elements(Files)
        from place in Gen.Choose(0, int.MaxValue)
        from length in Gen.Choose(0, 12)
        from token in Gen.Elements(Tokens)
        from isWord in Gen.Elements(true, false)
        select new Edit(file, place, length, token, isWord);

    [Law(MaxTest = 400)]
    public Property Random_edits_never_crash_and_never_leave_an_unparseable_table() =>
        Prop.ForAll(Arb.From(AnyEdit.ListOf(2)), edits =>
        {
            using TemporaryFolder folder = new();
            folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
            foreach (Edit edit in edits)
            {
                string text = File.ReadAllText(folder.PathOf(edit.File));
                folder.Write(edit.File, edit.Apply(text));
            }

            return new[] { "fusion.json", "split.json" }.All(runtime => Behaves(folder, runtime));
        });

    private static bool Behaves(TemporaryFolder folder, string runtime)
    {
        string output = folder.PathOf("out-" + runtime);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf(runtime), "-o", output, "-q", "--allow-unknown");
        if (outcome.ExitCode == ExitCodes.BadInput)
        {
            return outcome.Error.StartsWith("error: ", StringComparison.Ordinal) && !Directory.Exists(output);
        }

        string[] tables = Directory.GetFiles(output, "*.csv", SearchOption.AllDirectories);
        return outcome.ExitCode is ExitCodes.Success or ExitCodes.NoPlan
            && tables.Length > 0
            && tables.All(table => CsvTable.Load(table) is { Rows.Count: > 0 } read && read.Rows.All(row => row.Length == read.Header.Count));
    }

    /// <summary>Replaces some characters, or the JSON word they fall in, by a token.</summary>
    public sealed record Edit(string File, int Place, int Length, string Token, bool IsWord)
    {
        public string Apply(string text)
        {
            int start = Place % text.Length;
            int end = Math.Min(text.Length, start + Length);
            if (IsWord)
            {
                while (start > 0 && !" ,:[]{}\n".Contains(text[start - 1], StringComparison.Ordinal))
                {
                    start--;
                }

                end = start;
                while (end < text.Length && !" ,:[]{}\n".Contains(text[end], StringComparison.Ordinal))
                {
                    end++;
                }
            }

            return new StringBuilder(text).Remove(start, end - start).Insert(start, Token).ToString();
        }
    }
}
