namespace FastSim.Cli.Configuration.Published;

/// <summary>A published model's name, which its configuration does not hold: it is where the file lies.</summary>
internal static class PublishedName
{
    private const string ConfigName = "config";
    private const string CachedFolder = "models--";

    /// <summary>
    /// The folder's name for a <c>config.json</c>, else the file's without its extension; <c>--</c> stands for the <c>/</c> after the
    /// publisher. In a download cache, whose innermost folder is a revision, the model's folder.
    /// </summary>
    public static string Of(string file)
    {
        string full = Path.GetFullPath(file);
        string name = Path.GetFileNameWithoutExtension(full);
        string[] folders = (Path.GetDirectoryName(full) ?? "").Split(Path.DirectorySeparatorChar, StringSplitOptions.RemoveEmptyEntries);
        if (name == ConfigName && folders.Length > 0)
        {
            string cached = Array.FindLast(folders, folder => folder.StartsWith(CachedFolder, StringComparison.Ordinal)) ?? "";
            name = cached.Length > CachedFolder.Length ? cached[CachedFolder.Length..] : folders[^1];
        }

        return name.Replace("--", "/", StringComparison.Ordinal);
    }
}
