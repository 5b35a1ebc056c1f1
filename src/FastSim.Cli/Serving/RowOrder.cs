using System.Runtime.CompilerServices;

namespace FastSim.Cli.Serving;

/// <summary>
/// The order in which rows are predicted: those that say the same but for their requests one after the other, of them those whose prompts and answers are as long. What they have
/// in common is then found at hand; no prediction goes by it.
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

        IReadOnlyDictionary<string, int> columns = table.Rows[0].Columns;
        int[] places = [.. columns.Where(column => ServingTable.IsOfInstance(column.Key)).Select(column => column.Value)];
        (int input, int output) = (columns["isl"], columns["osl"]);
        Dictionary<uint, int> groups = [];
        Dictionary<string, int> lengths = [];
        ulong[] keys = new ulong[order.Length];
        for (int row = 0; row < order.Length; row++)
        {
            // Texts of a column that say the same are mostly one; rows of two texts, or two hashes that meet, are only out of place.
            const uint Golden = 0x9E3779B1;
            string[] cells = table.Rows[row].Cells;
            uint hash = 0;
            foreach (int place in places)
            {
                hash = (hash ^ (uint)RuntimeHelpers.GetHashCode(cells[place])) * Golden;
                hash ^= hash >> 15;
            }

            keys[row] = (Number(groups, hash) << (2 * Bits)) | (Number(lengths, cells[input]) << Bits) | Number(lengths, cells[output]);
            order[row] = row;
        }

        Array.Sort(keys, order);
        return order;
    }

    /// <summary>The number of something: as many as there were before it was first met.</summary>
    private static ulong Number<T>(Dictionary<T, int> numbers, T of)
        where T : notnull
    {
        if (!numbers.TryGetValue(of, out int number))
        {
            number = numbers.Count;
            numbers.Add(of, number);
        }

        return (ulong)number;
    }
}
