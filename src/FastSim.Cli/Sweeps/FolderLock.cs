using FastSim.Cli.Configuration;
using FastSim.Cli.Output;

namespace FastSim.Cli.Sweeps;

/// <summary>Keeps a second process off a sweep's folder. The operating system lets go of it when the process ends, however it ends.</summary>
internal sealed class FolderLock : IDisposable
{
    private readonly FileStream file;

    private FolderLock(FileStream file)
    {
        this.file = file;
    }

    /// <summary>Takes a folder.</summary>
    /// <exception cref="ConfigurationException">Another process has it, or it cannot be written.</exception>
    public static FolderLock Take(string folder)
    {
        string path = Path.Combine(folder, "sweep.lock");
        OutputFile.Check(path);
        try
        {
            return new FolderLock(new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.None));
        }
        catch (IOException exception) when (File.Exists(path))
        {
            throw new ConfigurationException($"{folder}: another process is writing a sweep there; expected a folder of its own", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        file.Dispose();
    }
}
