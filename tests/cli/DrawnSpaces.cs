namespace FastSim.Cli.Tests;

/// <summary>Random design spaces written to files, with the chips that they start from.</summary>
internal static class DrawnSpaces
{
    /// <summary>A runtime and a sweep of some size, by a seed.</summary>
    public static (string Sweep, RandomSpaces Space) Draw(SweepFiles files, int seed, long least, long most)
    {
        for (int attempt = 0; ; attempt++)
        {
            RandomSpaces space = new(new Random((seed * 1000) + attempt));
            string runtime = space.Runtime();
            int jobs = runtime.Split("models/").Length - 1;
            string sweep = space.Sweep(jobs, most, files.PathOf("out"));
            if (space.Variants >= least && space.Variants <= most)
            {
                files.Write("runtime.json", runtime);
                return (files.Write("space.json", sweep), space);
            }
        }
    }

    /// <summary>The tests' inputs, and a chip that hides nothing and whose efficiencies depend on sizes.</summary>
    public static SweepFiles Files()
    {
        SweepFiles files = new();
        string chip = File.ReadAllText(files.PathOf("systems", "SOW-U1-POR.json"));
        files.Write(
            "systems/other.json",
            chip.Replace("\"type\": \"sow\"", "\"type\": \"gpu\"", StringComparison.Ordinal)
                .Replace("[[null, null, null, 1.0]]", "[[4096, null, null, 1.0], [64, null, null, 0.8], [null, null, null, 0.6]]", StringComparison.Ordinal)
                .Replace("\"MB_efficiency\": [[0, 1]]", "\"MB_efficiency\": [[64, 1], [0, 0.7]]", StringComparison.Ordinal));
        return files;
    }
}
