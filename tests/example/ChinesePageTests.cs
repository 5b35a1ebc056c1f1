using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Example.Tests;

/// <summary>The file formats in Chinese know the keys that the English page has, and no others.</summary>
public sealed partial class ChinesePageTests
{
    [Theory]
    [InlineData("## Runtime", 35)]
    [InlineData("## Model", 20)]
    [InlineData("## System", 20)]
    [InlineData("### Networks", 8)]
    public void Tables_have_the_same_keys(string heading, int least)
    {
        string[] english = Keys("file-formats.md", heading);
        Assert.True(english.Length >= least, $"{english.Length} keys of {heading}");
        Assert.Equal(english, Keys("file-formats.zh-CN.md", heading));
    }

    /// <summary>What stands in the first column between a heading and the next.</summary>
    private static string[] Keys(string page, string heading)
    {
        IEnumerable<string> section = File.ReadLines(Repository.PathOf("docs", page)).SkipWhile(line => line != heading).Skip(1).TakeWhile(line => !line.StartsWith('#'));
        return [.. section.Where(line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(line => Key().Matches(line.Split('|')[1]).Select(match => match.Groups[1].Value))];
    }

    [GeneratedRegex("`([^`]+)`")]
    private static partial Regex Key();
}
