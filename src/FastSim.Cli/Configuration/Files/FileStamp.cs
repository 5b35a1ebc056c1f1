namespace FastSim.Cli.Configuration;

/// <summary>A file as it was when it was read: another time or length, or another file under its path, says that it changed.</summary>
/// <param name="Path">Whole path.</param>
/// <param name="Found">What it led to.</param>
internal readonly record struct FileStamp(string Path, FileIdentity Found)
{
    /// <summary>The stamp of what a path was found to lead to.</summary>
    public static FileStamp Of(string path, FileIdentity identity) => new(System.IO.Path.GetFullPath(path), identity);

    /// <summary>The stamp of a path that led nowhere.</summary>
    public static FileStamp Missing(string path) => Of(path, new FileIdentity(FileKind.Absent, ""));
}
