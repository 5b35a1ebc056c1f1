using System.Globalization;

namespace FastSim.Cli.Sweeps;

/// <summary>A part of a sweep's blocks, so that several machines share it.</summary>
/// <param name="Index">Which, from 1.</param>
/// <param name="Count">Of how many.</param>
public readonly record struct Shard(int Index, int Count)
{
    private const int MostShards = 100_000;

    /// <summary>All of it.</summary>
    public static Shard Whole { get; } = new(1, 1);

    /// <summary>Folder of a shard's rows within the sweep's.</summary>
    public string FolderIn(string folder) => Count == 1
        ? folder
        : Path.Combine(folder, string.Create(CultureInfo.InvariantCulture, $"shard-{Index}-of-{Count}"));

    /// <summary>First of the shard's blocks.</summary>
    public long First(long blocks) => blocks * (Index - 1) / Count;

    /// <summary>One past its last.</summary>
    public long End(long blocks) => blocks * Index / Count;

    /// <summary>Reads <c>i/n</c>; null when it is none.</summary>
    public static Shard? Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        string[] parts = text.Split('/');
        return parts.Length == 2
            && int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out int index)
            && int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out int count)
            && index >= 1
            && index <= count
            && count <= MostShards
                ? new Shard(index, count)
                : null;
    }
}
