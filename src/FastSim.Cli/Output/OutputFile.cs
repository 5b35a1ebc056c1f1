using System.IO.Compression;
using System.Text;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Output;

/// <summary>Writes a file whole or not at all: to a temporary name beside it, then by rename. A name that ends in <c>.gz</c> is gzipped.</summary>
public static class OutputFile
{
    /// <summary>Writes a text file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="write">What; LF line ends, UTF-8 without mark.</param>
    /// <exception cref="ConfigurationException">The file cannot be written; no part of it is left.</exception>
    public static void Write(string path, Action<TextWriter> write)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        WriteBytes(path, stream => Fill(stream, path.EndsWith(".gz", StringComparison.Ordinal), write));
    }

    /// <summary>Writes a file of any kind.</summary>
    /// <param name="path">Where.</param>
    /// <param name="write">What.</param>
    /// <exception cref="ConfigurationException">The file cannot be written; no part of it is left.</exception>
    public static void WriteBytes(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        string temporary = Path.Combine(FolderOf(path), $".fastsim-{Guid.NewGuid():N}.tmp");
        try
        {
            using (Stream file = File.Create(temporary))
            {
                write(file);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: cannot be written: {exception.Message}", exception);
        }
        finally
        {
            if (File.Exists(temporary))
            {
                File.Delete(temporary);
            }
        }
    }

    /// <summary>The folder that a file is to be written to: asked early, so that no long work is for nothing.</summary>
    /// <exception cref="ConfigurationException">There is none.</exception>
    public static string FolderOf(string path)
    {
        if (string.IsNullOrWhiteSpace(path) || path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ConfigurationException("--output: found no path; expected that of a file");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new ConfigurationException($"{path}: found a folder; expected the path of a file");
        return Directory.Exists(folder) ? folder : throw new ConfigurationException($"{path}: cannot be written: there is no folder {folder}");
    }

    /// <summary>Gives a file another name, in the place of what had it.</summary>
    /// <exception cref="ConfigurationException">It cannot have it.</exception>
    public static void Move(string from, string to)
    {
        try
        {
            File.Move(from, to, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{to}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Removes what processes that were killed left of files they were writing in a folder that is now held.</summary>
    public static void RemoveTemporary(string folder)
    {
        foreach (string file in Directory.GetFiles(folder, ".fastsim-*.tmp"))
        {
            Remove(file);
        }
    }

    /// <summary>Removes a file if it is there.</summary>
    /// <exception cref="ConfigurationException">It cannot be removed.</exception>
    public static void Remove(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: an earlier result cannot be removed: {exception.Message}", exception);
        }
    }

    /// <summary>Creates a folder.</summary>
    /// <exception cref="ConfigurationException">It cannot be created.</exception>
    public static void CreateFolder(string path)
    {
        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConfigurationException($"{path}: the folder of the results cannot be created: {exception.Message}", exception);
        }
    }

    private static void Fill(Stream file, bool compress, Action<TextWriter> write)
    {
        using Stream target = compress ? new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true) : file;
        using StreamWriter writer = new(target, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        write(writer);
    }
}
