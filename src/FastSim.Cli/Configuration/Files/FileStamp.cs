namespace FastSim.Cli.Configuration;

/// <summary>A file as it was when it was read: another time or length says that it changed.</summary>
/// <param name="Path">Whole path.</param>
/// <param name="Ticks">When it was written.</param>
/// <param name="Bytes">Its length; -1 where there is none.</param>
internal readonly record struct FileStamp(string Path, long Ticks, long Bytes)
{
    /// <summary>Whether the file is still as it was.</summary>
    public bool IsCurrent => Of(Path) == this;

    /// <summary>The stamp of a file now.</summary>
    public static FileStamp Of(string path)
    {
        FileInfo file = new(System.IO.Path.GetFullPath(path));
        return file.Exists ? new FileStamp(file.FullName, file.LastWriteTimeUtc.Ticks, file.Length) : new FileStamp(file.FullName, 0, -1);
    }
}
