namespace FastSim.Cli.Serving;

/// <summary>What a row of deployments says but for the lengths and the number of its requests: read once, whatever rows say the same. Serves one thread.</summary>
/// <param name="row">The row.</param>
/// <param name="places">Places of the cells that count.</param>
internal sealed class StatedRow(ServingRow row, int[] places)
{
    private readonly string[] cells = Array.ConvertAll(places, place => row[place]);

    /// <summary>Columns in which it says something that counts in two pools alone.</summary>
    public string[] OfPools { get; } = row.StatedOf(ServingTable.IsOfPool);

    /// <summary>What was read of its instances so far, by the prefix of their columns and what its benchmark asked, with what was noticed.</summary>
    public List<(string Pool, BenchmarkRun Run, StatedInstance Instance, ReadNotes Notes)> Instances { get; } = [];

    /// <summary>Whether another row says the same, in the very texts that a table's columns pool.</summary>
    public bool IsOf(ServingRow other)
    {
        for (int cell = 0; cell < places.Length; cell++)
        {
            if (!ReferenceEquals(cells[cell], other[places[cell]]))
            {
                return false;
            }
        }

        return true;
    }
}
