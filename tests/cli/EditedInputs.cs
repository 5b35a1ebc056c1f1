using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The small inputs of the tests in a folder of their own, to be edited and run.</summary>
internal static class EditedInputs
{
    /// <summary>A folder with the small inputs.</summary>
    public static TemporaryFolder Inputs()
    {
        TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        return folder;
    }

    /// <summary>Replaces a text of a file, which must have it.</summary>
    public static void Edit(TemporaryFolder folder, string file, string text, string replacement)
    {
        string content = File.ReadAllText(folder.PathOf(file));
        Assert.Contains(text, content, StringComparison.Ordinal);
        folder.Write(file, content.Replace(text, replacement, StringComparison.Ordinal));
    }

    /// <summary>Runs a runtime file of the folder.</summary>
    public static FastSimProgram.Outcome Run(TemporaryFolder folder, string runtime, params string[] more) =>
        FastSimProgram.Run(["run", "-c", folder.PathOf(runtime), "-o", folder.PathOf("out"), .. more]);
}
