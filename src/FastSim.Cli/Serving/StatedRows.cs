using System.Runtime.InteropServices;

namespace FastSim.Cli.Serving;

/// <summary>
/// What rows that a thread lately met say but for the lengths and the number of their requests. Rows are told apart by the texts themselves, of which a table has one for all
/// cells of a column that say the same; where it has more a row is read again, nothing else.
/// </summary>
internal sealed class StatedRows
{
    private const int Most = 1 << 12;

    private readonly Dictionary<int, StatedRow> known = [];
    private Dictionary<string, int>? columns;
    private bool saysNothingOfRuns;
    private int[] places = [];

    /// <summary>What a row says.</summary>
    public StatedRow Of(ServingRow row)
    {
        if (!ReferenceEquals(columns, row.Columns) || known.Count == Most)
        {
            columns = row.Columns;
            places = ServingTable.PlacesOfInstance(columns);
            saysNothingOfRuns = !BenchmarkRun.IsSaidBy(columns);
            known.Clear();
        }

        ref StatedRow? stated = ref CollectionsMarshal.GetValueRefOrAddDefault(known, row.HashOfTexts(places), out _);
        if (stated is null || !stated.IsOf(row))
        {
            stated = new StatedRow(row, places);
        }

        return stated;
    }

    /// <summary>What the benchmark of a row that was just asked about asked of its engine.</summary>
    public BenchmarkRun RunOf(ServingRow row) => saysNothingOfRuns ? BenchmarkRun.Unstated : BenchmarkRun.Of(row);
}
