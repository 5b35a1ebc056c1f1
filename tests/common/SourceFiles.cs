namespace FastSim.Tests;

/// <summary>The C# files that someone wrote: nothing that a build left.</summary>
public static class SourceFiles
{
    private static readonly string[] Built = ["bin", "obj", "artifacts"];

    /// <summary>Whole paths of those below some folders of the repository.</summary>
    public static IEnumerable<string> Below(params string[] folders) => folders.SelectMany(folder => Of(Repository.PathOf(folder), "*.cs"));

    /// <summary>Whole paths of the files below a folder that a build did not leave.</summary>
    public static IEnumerable<string> Of(string folder, string pattern) => Directory.EnumerateFiles(folder, pattern)
        .Concat(Directory.EnumerateDirectories(folder).Where(below => !Built.Contains(Path.GetFileName(below))).SelectMany(below => Of(below, pattern)));
}
