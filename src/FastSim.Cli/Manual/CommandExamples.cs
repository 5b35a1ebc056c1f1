namespace FastSim.Cli.Manual;

/// <summary>An example of each command, as its help and the manual page show it.</summary>
internal static class CommandExamples
{
    private const int Width = 76;
    private const string Continues = " \\";

    /// <summary>A command's example, in lines that a shell takes as one; none where it has none.</summary>
    /// <param name="path">The command's words after the program's name.</param>
    public static IEnumerable<string> Lines(string path)
    {
        if (!All.TryGetValue(path, out string? example))
        {
            yield break;
        }

        string line = "";
        foreach (string word in example.Split(' '))
        {
            if (line.Length + word.Length + 1 + Continues.Length > Width)
            {
                yield return line + Continues;
                line = $"   {word}";
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }

        yield return line;
    }

    /// <summary>Examples by the command's words after the program's name.</summary>
    public static IReadOnlyDictionary<string, string> All { get; } = new Dictionary<string, string>
    {
        ["plan"] = "fastsim plan config.json --chip H100_SXM --cards 8 --in 4000 --out 1000 --ttft 2000 --tpot 30",
        ["init"] = "fastsim init",
        ["run"] = "fastsim run -c data/runtimes/sample.json -o outputs/sample",
        ["sweep"] = "fastsim sweep -c examples/hbm-for-long-context.json -o outputs/hbm",
        ["merge"] = "fastsim merge -c examples/hbm-for-long-context.json -o outputs/hbm",
        ["predict"] = "fastsim predict -t deployments.csv --models models --systems data/systems -o predicted.csv",
        ["validate"] = "fastsim validate -t measured.csv --models models --systems data/systems",
        ["calibrate"] = "fastsim calibrate --ops measurements -s data/systems/H100_SXM.json -o H100_measured.json",
        ["surrogate train"] = "fastsim surrogate train --ops measurements -s data/systems/H100_SXM.json -o operators.onnx",
        ["surrogate judge"] = "fastsim surrogate judge --model data/surrogates/limits.onnx --ops measurements --system data/systems/H100_SXM.json",
        ["surrogate evaluate"] = "fastsim surrogate evaluate --ops measurements -s data/systems/H100_SXM.json",
        ["model show"] = "fastsim model show path/to/config.json",
        ["model convert"] = "fastsim model convert path/to/config.json -o model.json",
        ["system show"] = "fastsim system show data/systems/H200_SXM.json",
        ["compare"] = "fastsim compare before/sweep_result.csv after/sweep_result.csv",
        ["completions"] = "eval \"$(fastsim completions bash)\"",
        ["man"] = "fastsim man | man -l -",
    };
}
