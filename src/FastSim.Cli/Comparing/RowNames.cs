using System.Globalization;
using System.Text;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Comparing;

/// <summary>
/// What rows of two tables are called by: by the columns that say what they are of, but for those that say one thing in all of the one table and another
/// in all of the other, since that is what is compared. Rows of one name are told apart by their order.
/// </summary>
internal sealed class RowNames
{
    private const char Between = '\u001F';

    private readonly string[] keys;
    private readonly bool[] isKey;
    private readonly bool[] isTold;

    /// <summary>Names the rows of two tables.</summary>
    /// <param name="first">The first.</param>
    /// <param name="second">The second.</param>
    /// <param name="places">Where the second has the first's columns.</param>
    public RowNames(ComparedTable first, ComparedTable second, int[] places)
    {
        keys = first.Keys;
        isKey = new bool[keys.Length];
        isTold = new bool[keys.Length];
        List<CellChange> throughout = [];
        for (int key = 0; key < keys.Length; key++)
        {
            string? one = Only(first, key);
            string? two = Only(second, places[key]);
            bool isThroughout = one is not null && two is not null && one != two;
            isKey[key] = !isThroughout;
            isTold[key] = !isThroughout && (one is null || two is null || first.Form == "run");
            if (isThroughout)
            {
                throughout.Add(new CellChange(OneLine.Of(keys[key]), one!, two!, null));
            }
        }

        Throughout = throughout;
    }

    /// <summary>What the one table says in all rows and the other does not.</summary>
    public IReadOnlyList<CellChange> Throughout { get; }

    /// <summary>Rows of a table, each with what it is found by and its name in words.</summary>
    /// <param name="table">The table.</param>
    /// <param name="places">Where it has the first table's columns.</param>
    public IEnumerable<(string Key, ComparedRow Row, string Name)> Of(ComparedTable table, int[] places)
    {
        Dictionary<string, int> seen = new(StringComparer.Ordinal);
        StringBuilder found = new();
        foreach (ComparedRow row in table.Rows)
        {
            found.Clear();
            List<string> told = [];
            for (int key = 0; key < keys.Length; key++)
            {
                string cell = row.Keys[places[key]];
                if (isKey[key])
                {
                    found.Append(cell).Append(Between);
                }

                if (isTold[key])
                {
                    told.Add(table.Form is "run" or "operators" ? cell : $"{keys[key]} {cell}");
                }
            }

            string name = found.ToString();
            int count = seen[name] = seen.GetValueOrDefault(name) + 1;
            string again = count == 1 ? "" : string.Create(CultureInfo.InvariantCulture, $" (time {count})");
            yield return (name + again, row, OneLine.Of(string.Join(table.Form == "operators" ? " " : ", ", told) + again).Trim());
        }
    }

    /// <summary>What all rows of a table say in a column; null where they differ.</summary>
    private static string? Only(ComparedTable table, int place) =>
        table.Rows.Count > 0 && table.Rows.All(row => row.Keys[place] == table.Rows[0].Keys[place]) ? table.Rows[0].Keys[place] : null;
}
