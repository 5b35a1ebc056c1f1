namespace FastSim.Cli.Configuration;

/// <summary>A file as it was when it was read: another time or length says that it changed.</summary>
/// <param name="Path">Whole path.</param>
/// <param name="Written">When it was written (<see cref="FileIdentity.Written"/>).</param>
/// <param name="Bytes">Its length; -1 where there is none.</param>
internal readonly record struct FileStamp(string Path, long Written, long Bytes)
{
    /// <summary>The stamp of what a path was found to lead to.</summary>
    public static FileStamp Of(string path, FileIdentity identity) => new(System.IO.Path.GetFullPath(path), identity.Written, identity.Bytes);

    /// <summary>Whether the file is still as it was, by what its path leads to now.</summary>
    public bool IsStill(FileIdentity now) => now.Written == Written && now.Bytes == Bytes;
}
