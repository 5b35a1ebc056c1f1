using System.CommandLine;
using System.Globalization;
using FastSim.Cli.Comparing;

namespace FastSim.Cli.Commands;

/// <summary><c>fastsim compare</c>: what moved between two tables of results.</summary>
internal static class CompareCommands
{
    private const int UsualLines = 20;

    /// <summary>The command.</summary>
    public static Command Compare(Terminal terminal)
    {
        Argument<string> first = new("first") { Description = "A table that run, sweep, merge, predict or validate wrote; .csv or .csv.gz." };
        Argument<string> second = new("second") { Description = "Another of the same kind: of another chip, say, or another version." };
        Option<string> tolerance = new("--tolerance")
        {
            Description = "By how much a number may move, of the first table's: 1% or 0.01; 0 without it.",
            HelpName = "share",
            DefaultValueFactory = _ => "0",
        };
        tolerance.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && Share(token.Value) is null)
            {
                result.AddError($"--tolerance: found {token.Value}; expected a share of at least 0, such as 1% or 0.01.");
            }
        });
        Option<int> top = new("--top")
        {
            Description = $"Lines of each kind to print at most; {UsualLines} without it.",
            HelpName = "n",
            DefaultValueFactory = _ => UsualLines,
        };
        top.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && (!int.TryParse(token.Value, NumberStyles.None, CultureInfo.InvariantCulture, out int lines) || lines < 1))
            {
                result.AddError($"--top: found {token.Value}; expected an integer of at least 1.");
            }
        });
        Option<bool> quiet = CommonOptions.Quiet();
        Option<bool> json = CommonOptions.Json();
        Command compare = new("compare", "Say what moved between two tables of results, and by how much; exit code 1 beyond --tolerance.")
        {
            first, second, tolerance, top, quiet, json,
        };
        compare.SetAction(parsed =>
        {
            (string one, string two) = (parsed.GetRequiredValue(first), parsed.GetRequiredValue(second));
            TableComparison comparison = TableComparison.Of(ComparedTable.Load(one), ComparedTable.Load(two), Share(parsed.GetRequiredValue(tolerance))!.Value);
            if (parsed.GetValue(json))
            {
                terminal.Output.WriteLine(ComparisonText.Json(comparison, one, two));
            }
            else if (!parsed.GetValue(quiet))
            {
                terminal.Print(ComparisonText.Lines(comparison, one, two, parsed.GetValue(top)));
            }

            return comparison.IsBeyond ? ExitCodes.Differs : ExitCodes.Success;
        });
        return compare;
    }

    /// <summary>A share as people write it; null where it is none.</summary>
    private static double? Share(string text)
    {
        bool isPercent = text.EndsWith('%');
        bool isNumber = double.TryParse(isPercent ? text[..^1] : text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number);
        return isNumber && double.IsFinite(number) && number >= 0 ? isPercent ? number / 100 : number : null;
    }
}
