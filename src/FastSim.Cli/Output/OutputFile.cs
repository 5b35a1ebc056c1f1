using System.IO.Compression;
using System.Text;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Output;

/// <summary>
/// Writes a file whole or not at all: to a temporary name beside it, then by rename. A name that ends in <c>.gz</c> is gzipped. The one guard
/// of outputs: each is a new file or takes the place of a regular one, never of a device, a pipe or what the same command read.
/// </summary>
public static class OutputFile
{
    /// <summary>Writes a text file.</summary>
    /// <param name="path">Where.</param>
    /// <param name="write">What; LF line ends, UTF-8 without mark.</param>
    /// <exception cref="ConfigurationException">The file cannot be written; no part of it is left.</exception>
    public static void Write(string path, Action<TextWriter> write) => Write(path, write, inPlaceOf: null);

    /// <summary>Writes a text file that may take the place of one of the command's inputs: of the one that it is made from.</summary>
    /// <param name="path">Where.</param>
    /// <param name="write">What; LF line ends, UTF-8 without mark.</param>
    /// <param name="inPlaceOf">The input; null for none.</param>
    /// <exception cref="ConfigurationException">The file cannot be written; no part of it is left.</exception>
    public static void Write(string path, Action<TextWriter> write, string? inPlaceOf)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        WriteBytes(path, stream => Fill(stream, IsCompressed(path), write), inPlaceOf);
    }

    /// <summary>Writes a text file whose writer has its bytes: UTF-8 without mark, LF line ends.</summary>
    /// <param name="path">Where.</param>
    /// <param name="write">What.</param>
    /// <exception cref="ConfigurationException">The file cannot be written; no part of it is left.</exception>
    public static void WriteEncoded(string path, Action<Stream> write)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        WriteBytes(path, stream => FillBytes(stream, IsCompressed(path), write), inPlaceOf: null);
    }

    /// <summary>Writes a file of any kind.</summary>
    /// <param name="path">Where.</param>
    /// <param name="write">What.</param>
    /// <exception cref="ConfigurationException">The file cannot be written; no part of it is left.</exception>
    public static void WriteBytes(string path, Action<Stream> write) => WriteBytes(path, write, inPlaceOf: null);

    /// <summary>Refuses a place where the command may not write: asked early, so that no long work is for nothing, and again at writing.</summary>
    /// <param name="path">Where.</param>
    /// <param name="inPlaceOf">The input whose place it may take; null for none.</param>
    /// <exception cref="ConfigurationException">It is no place for a file of the command's.</exception>
    public static void Check(string path, string? inPlaceOf = null) => Target(path, inPlaceOf);

    /// <summary>The same of a file that an option names, which no other option may name.</summary>
    /// <exception cref="ConfigurationException">It is no place for a file of the command's.</exception>
    public static void CheckOption(string option, string path, string? inPlaceOf = null)
    {
        Target(path, inPlaceOf);
        if (!CommandFiles.Current.Claim(path, option))
        {
            throw new ConfigurationException($"{option}: found {path}, which another option names; expected a file of its own");
        }
    }

    private static void WriteBytes(string path, Action<Stream> write, string? inPlaceOf)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(write);
        string target = Target(path, inPlaceOf);
        string temporary = TemporaryIn(Path.GetDirectoryName(target)!);
        try
        {
            using (Stream file = File.Create(temporary))
            {
                write(file);
            }

            File.Move(temporary, target, overwrite: true);
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

        if (path.EndsWith('/') || path.EndsWith(Path.DirectorySeparatorChar))
        {
            throw new ConfigurationException($"{path}: found a folder; expected the path of a file");
        }

        string folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? throw new ConfigurationException($"{path}: found a folder; expected the path of a file");
        return Directory.Exists(folder) ? folder : throw new ConfigurationException($"{path}: cannot be written: there is no folder {folder}");
    }

    /// <summary>Gives a file another name, in the place of what had it.</summary>
    /// <exception cref="ConfigurationException">It cannot have it.</exception>
    public static void Move(string from, string to)
    {
        string target = Target(to, inPlaceOf: null);
        try
        {
            File.Move(from, target, overwrite: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{to}: cannot be written: {exception.Message}", exception);
        }
    }

    /// <summary>Path of a new file in a folder that <see cref="Move"/> gives its name when it is whole.</summary>
    public static string TemporaryIn(string folder) => Path.Combine(folder, $".fastsim-{Guid.NewGuid():N}.tmp");

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
        Target(path, inPlaceOf: null);
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
        ArgumentNullException.ThrowIfNull(path);
        if (path.Contains('\0', StringComparison.Ordinal))
        {
            throw new ConfigurationException($"{path}: found a path with a NUL character; expected the folder of the results");
        }

        try
        {
            Directory.CreateDirectory(path);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new ConfigurationException($"{path}: the folder of the results cannot be created: {exception.Message}", exception);
        }
    }

    /// <summary>The file that is written when a path is: itself, or what its links lead to.</summary>
    private static string Target(string path, string? inPlaceOf)
    {
        string folder = FolderOf(path);
        FileIdentity identity = FileIdentity.Of(path);
        if (identity.Kind == FileKind.Absent)
        {
            return Path.Combine(folder, Path.GetFileName(path));
        }

        if (identity.Kind != FileKind.Regular)
        {
            string found = identity.Kind switch
            {
                FileKind.Folder => "a folder",
                FileKind.Pipe => "a pipe",
                FileKind.Device => "a device",
                _ => "neither file nor folder",
            };
            throw new ConfigurationException($"{path}: cannot be written: found {found}; expected a new file, or a regular one to take the place of");
        }

        bool isOwn = inPlaceOf is not null && FileIdentity.Of(inPlaceOf).Mark == identity.Mark;
        if (!isOwn && CommandFiles.Current.InputAt(identity) is { } input)
        {
            throw new ConfigurationException($"{path}: cannot be written: found {(input == path ? "an input" : $"{input}, an input")} of the same command; expected another file");
        }

        return File.ResolveLinkTarget(path, returnFinalTarget: true)?.FullName ?? Path.GetFullPath(path);
    }

    private static bool IsCompressed(string path) => path.EndsWith(".gz", StringComparison.Ordinal);

    private static void Fill(Stream file, bool compress, Action<TextWriter> write) => FillBytes(file, compress, target =>
    {
        using StreamWriter writer = new(target, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" };
        write(writer);
    });

    private static void FillBytes(Stream file, bool compress, Action<Stream> write)
    {
        using Stream target = compress ? new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true) : file;
        write(target);
    }
}
