using System.Globalization;
using System.Runtime.CompilerServices;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Serving;

/// <summary>A deployment of a table: its cells by column.</summary>
/// <param name="Line">Line of the file.</param>
/// <param name="Block">Cells of some rows, in the table's order.</param>
/// <param name="Start">Where among them its own begin.</param>
/// <param name="Columns">Place of each column.</param>
internal readonly record struct ServingRow(int Line, string[] Block, int Start, Dictionary<string, int> Columns)
{
    /// <summary>What counts of a deployment lie between; each token of a prompt, each card and each sequence is worked for.</summary>
    private const double Least = 1e-6;
    private const double Most = 1 << 24;

    /// <summary>Tokens of a prompt or an answer at most.</summary>
    public const double MostTokens = 1 << 28;

    /// <summary>A cell by its place.</summary>
    public string this[int place] => Block[Start + place];

    /// <summary>A number by the very texts of some cells, of which a table mostly has one for all that say the same: rows that say alike have mostly the same.</summary>
    /// <param name="places">The cells' places.</param>
    public int HashOfTexts(int[] places)
    {
        const uint Golden = 0x9E3779B1;
        uint hash = 0;
        foreach (int place in places)
        {
            hash = (hash ^ (uint)RuntimeHelpers.GetHashCode(this[place])) * Golden;
            hash ^= hash >> 15;
        }

        return (int)hash;
    }

    /// <summary>A cell; empty where the table has no such column.</summary>
    public string Text(string column) => Columns.TryGetValue(column, out int place) ? this[place] : "";

    /// <summary>The word of its engine, whatever name <c>backend</c> has it by; that name where it is no engine's.</summary>
    public string Engine => EngineNames.WordOf(Text("backend"));

    /// <summary>Whether the row's table has a column.</summary>
    public bool Has(string column) => Columns.ContainsKey(column);

    /// <summary>Columns in which the row says something; tables write 0 for what does not apply.</summary>
    public IEnumerable<string> Stated
    {
        get
        {
            ServingRow row = this;
            return Columns.OrderBy(column => column.Value).Where(column => row[column.Value] is not ("" or "0")).Select(column => column.Key);
        }
    }

    /// <summary>Those of them that are of some kind, in the table's order.</summary>
    public string[] StatedOf(Func<string, bool> isOfKind) => IsStated(isOfKind) ? [.. Stated.Where(isOfKind)] : [];

    private bool IsStated(Func<string, bool> isOfKind)
    {
        foreach ((string column, int place) in Columns)
        {
            if (this[place] is not ("" or "0") && isOfKind(column))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A number above 0; null where the cell is empty or 0, as tables have it for what does not apply.</summary>
    /// <param name="column">The column.</param>
    /// <param name="most">The most it may be.</param>
    /// <exception cref="UncoveredException">There is something else.</exception>
    public double? Number(string column, double most = Most)
    {
        string text = Text(column);
        if (text.Length == 0)
        {
            return null;
        }

        bool isNumber = TryParse(text, out double number);
        if (isNumber && number == 0)
        {
            return null;
        }

        if (!isNumber || !(number > 0))
        {
            throw new UncoveredException($"{column} is not a number above 0: {OneLine.Of(text)}");
        }

        return number >= Least && number <= most
            ? number
            : throw new UncoveredException(string.Create(CultureInfo.InvariantCulture, $"{column} is not a number from {Least} to {most}: {OneLine.Of(text)}"));
    }

    /// <summary>What a number says; most are a few digits.</summary>
    private static bool TryParse(string text, out double number)
    {
        const int MostDigits = 9;
        int whole = 0;
        for (int place = 0; text.Length <= MostDigits && place < text.Length && char.IsAsciiDigit(text[place]); place++)
        {
            whole = (10 * whole) + (text[place] - '0');
            if (place == text.Length - 1)
            {
                number = whole;
                return true;
            }
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out number);
    }

    /// <summary>A number above 0 of what a deployment cannot be without, such as sequences or workers; null where the cell is empty. A stated 0 is a slip: no published table has one here.</summary>
    /// <param name="column">The column.</param>
    /// <exception cref="UncoveredException">There is something else.</exception>
    public double? Amount(string column)
    {
        double? number = Number(column);
        return number is null && Text(column).Length > 0 ? throw new UncoveredException($"{column} is not a number above 0: {OneLine.Of(Text(column))}") : number;
    }

    /// <summary>A whole number of what a deployment has one of at least, such as pipeline stages; 0 where the cell is empty. A stated 0 is a slip, as of <see cref="Amount"/>.</summary>
    /// <param name="column">The column.</param>
    /// <exception cref="UncoveredException">There is something else.</exception>
    public int Size(string column) => Whole(column, least: 1);

    /// <summary>A whole number of things of which there may be none; 0 where the cell is empty.</summary>
    /// <param name="column">The column.</param>
    /// <exception cref="UncoveredException">There is something else.</exception>
    public int Whole(string column) => Whole(column, least: 0);

    private int Whole(string column, int least)
    {
        string text = Text(column);
        if (text.Length == 0)
        {
            return 0;
        }

        return TryParse(text, out double number) && number >= least && number < Most && number == Math.Floor(number)
            ? (int)number
            : throw new UncoveredException(string.Create(CultureInfo.InvariantCulture, $"{column} is not a whole number from {least} to {Most - 1:0}: {OneLine.Of(text)}"));
    }
}

/// <summary>A row that the model does not claim to cover, and why.</summary>
internal sealed class UncoveredException(string reason) : Exception(reason);
