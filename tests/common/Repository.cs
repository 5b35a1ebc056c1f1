namespace FastSim.Tests;

/// <summary>Where the repository, and the data beside it, lie.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    public static string PathOf(params string[] parts) => Path.Combine([Root, .. parts]);

    /// <summary>A file or folder of the shared data; the test is skipped, and says so, where it is absent.</summary>
    public static string SharedOrSkip(params string[] parts)
    {
        string path = Path.GetFullPath(Path.Combine([Root, "..", "shared", .. parts]));
        if (!Path.Exists(path))
        {
            Assert.Skip($"../shared/{string.Join('/', parts)} is not beside the repository");
        }

        return path;
    }

    private static string FindRoot()
    {
        string? folder = AppContext.BaseDirectory;
        while (folder is not null && !File.Exists(Path.Combine(folder, "FastSim.sln")))
        {
            folder = Path.GetDirectoryName(folder);
        }

        return folder ?? throw new InvalidOperationException("the tests run from a folder below the repository");
    }
}
