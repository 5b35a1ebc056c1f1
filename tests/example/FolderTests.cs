using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Example.Tests;

/// <summary>Folders use each other in one direction (docs/architecture.md): a reader can go bottom-up, and no change reaches back to its start.</summary>
public sealed partial class FolderTests
{
    [Fact]
    public void No_folders_of_the_sources_use_each_other_in_a_circle()
    {
        Dictionary<string, HashSet<string>> uses = [];
        foreach (string file in Directory.EnumerateFiles(Repository.PathOf("src"), "*.cs", SearchOption.AllDirectories))
        {
            string text = File.ReadAllText(file);
            if (Namespace().Match(text) is { Success: true } own)
            {
                HashSet<string> used = uses.TryGetValue(own.Groups[1].Value, out HashSet<string>? known) ? known : uses[own.Groups[1].Value] = [];
                used.UnionWith(Using().Matches(text).Select(match => match.Groups[1].Value).Where(name => name != own.Groups[1].Value));
            }
        }

        // What uses nothing that is left stands at the bottom; what never gets there is in a circle, or above one.
        Assert.True(uses.Count > 20);
        string[] left = [.. uses.Keys];
        int before;
        do
        {
            before = left.Length;
            left = Array.FindAll(left, folder => uses[folder].Overlaps(left));
        }
        while (left.Length < before);

        Assert.Empty(left);
    }

    [GeneratedRegex(@"^namespace ([\w.]+)", RegexOptions.Multiline)]
    private static partial Regex Namespace();

    [GeneratedRegex(@"^using (FastSim[\w.]+);", RegexOptions.Multiline)]
    private static partial Regex Using();
}
