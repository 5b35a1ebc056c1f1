namespace FastSim.Cli.Configuration;

/// <summary>A file as it was when it was read: another time or length, or another file under its path, says that it changed.</summary>
/// <param name="Path">Whole path.</param>
/// <param name="Written">When it was written (<see cref="FileIdentity.Written"/>).</param>
/// <param name="Bytes">Its length; -1 where there is none.</param>
/// <param name="Mark">Which file it is (<see cref="FileIdentity.Mark"/>).</param>
internal readonly record struct FileStamp(string Path, long Written, long Bytes, string Mark)
{
    /// <summary>The stamp of what a path was found to lead to.</summary>
    public static FileStamp Of(string path, FileIdentity identity) => new(System.IO.Path.GetFullPath(path), identity.Written, identity.Bytes, identity.Mark);

    /// <summary>The stamp of a path that led nowhere.</summary>
    public static FileStamp Missing(string path) => Of(path, new FileIdentity(FileKind.Absent, ""));

    /// <summary>Whether the file is still as it was, by what its path leads to now.</summary>
    public bool IsStill(FileIdentity now) => now.Written == Written && now.Bytes == Bytes && now.Mark == Mark;
}
