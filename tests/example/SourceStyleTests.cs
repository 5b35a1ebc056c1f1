using System.Globalization;
using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Example.Tests;

/// <summary>What no analyzer here looks at: the length of lines and files, and exceptions that a reader of a member is not told of.</summary>
public sealed partial class SourceStyleTests
{
    private const int MostLines = 250;

    /// <summary>As long as <c>.editorconfig</c> says, texts in quotes apart: a message is easier to find in one piece.</summary>
    [Fact]
    public void No_line_is_longer_than_editors_are_told()
    {
        int most = int.Parse(MostLetters().Match(File.ReadAllText(Repository.PathOf(".editorconfig"))).Groups[1].Value, CultureInfo.InvariantCulture);
        List<string> found = [];
        foreach (string file in SourceFiles.Below("src", "bench", "tests", "examples"))
        {
            bool isRawText = false;
            string[] lines = File.ReadAllLines(file);
            for (int line = 0; line < lines.Length; line++)
            {
                bool opensOrCloses = RawQuotes().Count(lines[line]) % 2 == 1;
                if (!isRawText && !opensOrCloses && Quoted().Replace(lines[line], "\"\"").Length > most)
                {
                    found.Add($"{file}:{line + 1}");
                }

                isRawText ^= opensOrCloses;
            }
        }

        Assert.Empty(found);
    }

    /// <summary>
    /// Members of both libraries that anyone may call name their exceptions. One goes without saying: an argument that is null where its type says that it
    /// is not is an <see cref="ArgumentNullException"/>.
    /// </summary>
    [Fact]
    public void Public_members_say_what_they_throw()
    {
        List<string> found = [];
        int said = 0;
        foreach (string file in SourceFiles.Below("src/FastSim.Kernels", "src/FastSim.Search"))
        {
            string[] lines = File.ReadAllLines(file);
            foreach (int thrown in Enumerable.Range(0, lines.Length).Where(line => Throws().IsMatch(lines[line])))
            {
                int member = Array.FindLastIndex(lines, thrown, line => Member().IsMatch(line));
                if (member < 0 || !lines[member].StartsWith("    public ", StringComparison.Ordinal))
                {
                    continue;
                }

                int first = Array.FindLastIndex(lines, member - 1, line => !Above().IsMatch(line)) + 1;
                bool isSaid = lines[first..member].Any(line => line.Contains("<exception cref=", StringComparison.Ordinal) || line.Contains("<inheritdoc", StringComparison.Ordinal));
                said += isSaid ? 1 : 0;
                if (!isSaid)
                {
                    found.Add($"{file}:{thrown + 1}: {lines[thrown].Trim()}");
                }
            }
        }

        Assert.Empty(found);
        Assert.True(said > 10, $"{said} members with exceptions were looked at");
    }

    /// <summary>
    /// A file of more than 250 lines stands in <c>LongFiles.txt</c> beside this one, with the reason that it is one idea all the same; and whatever stands there is such a file.
    /// </summary>
    [Fact]
    public void A_long_file_has_a_reason()
    {
        string table = Repository.PathOf("tests", "example", "LongFiles.txt");
        Dictionary<string, string> reasons = File.ReadAllLines(table).Select(line => line.Split(": ", 2)).ToDictionary(parts => parts[0], parts => parts.Length > 1 ? parts[1] : "");
        Dictionary<string, int> longFiles = SourceFiles.Below("src", "bench", "tests", "examples")
            .Select(file => (Name: Path.GetRelativePath(Repository.Root, file).Replace('\\', '/'), Lines: File.ReadLines(file).Count()))
            .Where(file => file.Lines > MostLines)
            .ToDictionary(file => file.Name, file => file.Lines);
        Assert.Equal([], longFiles.Keys.Except(reasons.Keys).Select(name => $"{name}: {longFiles[name]} lines; split it, or give its reason in {table}"));
        Assert.Equal([], reasons.Keys.Except(longFiles.Keys).Select(name => $"{name}: found a reason in {table}; expected one for files of more than {MostLines} lines alone"));
        Assert.All(reasons, reason => Assert.True(reason.Value.Split(' ').Length >= 4, $"{reason.Key}: a reason takes some words"));
        Assert.Equal(reasons.Values.Count, reasons.Values.Distinct().Count());
    }

    [GeneratedRegex(@"^max_line_length = (\d+)$", RegexOptions.Multiline)]
    private static partial Regex MostLetters();

    [GeneratedRegex("\"\"\"")]
    private static partial Regex RawQuotes();

    [GeneratedRegex("""("{3}.*?"{3})|("(?:[^"\\]|\\.)*")""")]
    private static partial Regex Quoted();

    /// <summary>A throw, or a guard that throws for anything but null.</summary>
    [GeneratedRegex(@"\bthrow new |\bThrowIf(?!Null\()")]
    private static partial Regex Throws();

    /// <summary>The first line of a member of a type that is no inner one.</summary>
    [GeneratedRegex("^ {4}(public|internal|private|protected|static) ")]
    private static partial Regex Member();

    [GeneratedRegex(@"^ {4}(///|\[)")]
    private static partial Regex Above();
}
