using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Example.Tests;

/// <summary>The files, folders and types that the pages for contributors send a reader to are there: nothing moves without them.</summary>
public sealed partial class AddingTests
{
    /// <summary>Names of the pages that are no file of the repository, but one that a user has, or a number of them.</summary>
    private static readonly string[] OfUsers = ["config.json"];

    /// <summary>Pages leave out src/ and FastSim., which every path of the sources begins with.</summary>
    private static readonly string[] Files =
    [
        .. new[] { "src", "tests", "bench", "data", "docs", "python", "packaging", "examples", ".github" }
            .SelectMany(folder => SourceFiles.Of(Repository.PathOf(folder), "*"))
            .Concat(Directory.EnumerateFiles(Repository.Root))
            .Select(file => "/" + Path.GetRelativePath(Repository.Root, file).Replace("FastSim.", "", StringComparison.Ordinal)),
    ];

    private static readonly HashSet<string> Words =
        [.. SourceFiles.Below("src", "tests").SelectMany(file => Word().Matches(File.ReadAllText(file)).Select(match => match.Value))];

    [Theory]
    [InlineData("docs/adding.md", 30)]
    [InlineData("docs/architecture.md", 10)]
    [InlineData("CONTRIBUTING.md", 4)]
    public void What_a_page_names_is_there(string page, int least)
    {
        List<string> missing = [];
        int looked = 0;
        foreach (string name in Code().Matches(File.ReadAllText(Repository.PathOf(page))).Select(match => match.Groups[1].Value).Except(OfUsers))
        {
            bool? isThere = PathOfFile().IsMatch(name) ? Array.Exists(Files, file => file.EndsWith($"/{name}", StringComparison.Ordinal))
                : Folder().IsMatch(name) ? Array.Exists(Files, file => file.Contains($"/{name}", StringComparison.Ordinal))
                : Identifier().IsMatch(name) ? name.Split('.').All(Words.Contains)
                : null;
            looked += isThere is null ? 0 : 1;
            if (isThere == false)
            {
                missing.Add(name);
            }
        }

        Assert.Empty(missing);
        Assert.True(looked >= least, $"{looked} names of {page} were looked up");
    }

    [GeneratedRegex("`([^`\n]+)`")]
    private static partial Regex Code();

    [GeneratedRegex(@"^[\w./-]+\.(cs|json|md|txt|yml|py)$")]
    private static partial Regex PathOfFile();

    [GeneratedRegex(@"^[\w./-]+/$")]
    private static partial Regex Folder();

    /// <summary>A type or member by its name, or a package that sources use; what has capitals alone is a variable.</summary>
    [GeneratedRegex(@"^[A-Z]\w*[a-z]\w*(\.[A-Z]\w+)*$")]
    private static partial Regex Identifier();

    [GeneratedRegex(@"\w+")]
    private static partial Regex Word();
}
