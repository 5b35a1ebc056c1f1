using System.Globalization;

namespace FastSim.Cli.Serving;

/// <summary>
/// The order in which rows are predicted: those that say the same but for their requests one after the other, by the lengths of their prompts and then of their answers. What they
/// have in common is then found at hand, and so is what steps of nearly as many tokens take; no prediction goes by it.
/// </summary>
internal static class RowOrder
{
    private const int Bits = 20;

    /// <summary>The rows of a table by their places in it.</summary>
    /// <param name="table">The table; fewer than 2²⁰ rows.</param>
    public static int[] Of(ServingTable table)
    {
        int[] order = new int[table.Rows.Count];
        if (order.Length == 0)
        {
            return order;
        }

        Dictionary<string, int> columns = table.Rows[0].Columns;
        int[] places = ServingTable.PlacesOfInstance(columns);
        (int input, int output) = (columns["isl"], columns["osl"]);
        Dictionary<int, int> groups = [];
        ulong[] keys = new ulong[order.Length];
        for (int row = 0; row < order.Length; row++)
        {
            // Texts of a column that say the same are mostly one; rows of two texts, or two hashes that meet, are only out of place.
            ServingRow cells = table.Rows[row];
            keys[row] = (Number(groups, cells.HashOfTexts(places)) << (2 * Bits)) | (Tokens(cells[input]) << Bits) | Tokens(cells[output]);
            order[row] = row;
        }

        Array.Sort(keys, order);
        return order;
    }

    /// <summary>A length as a cell says it, no more than there is room for; 0 where it says no whole number.</summary>
    private static ulong Tokens(string cell) =>
        uint.TryParse(cell, NumberStyles.None, CultureInfo.InvariantCulture, out uint tokens) ? Math.Min(tokens, (1u << Bits) - 1) : 0;

    /// <summary>The number of a group: as many as there were before it was first met.</summary>
    private static ulong Number(Dictionary<int, int> numbers, int of)
    {
        if (!numbers.TryGetValue(of, out int number))
        {
            number = numbers.Count;
            numbers.Add(of, number);
        }

        return (ulong)number;
    }
}
