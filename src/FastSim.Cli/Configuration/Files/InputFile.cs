using System.Text;

namespace FastSim.Cli.Configuration;

/// <summary>A form of input, and how much of it is read.</summary>
/// <param name="What">A file of it, in words.</param>
/// <param name="MostBytes">Bytes of a file at most.</param>
/// <param name="TakesPipes">Whether a pipe is read, too.</param>
internal sealed record InputForm(string What, long MostBytes, bool TakesPipes)
{
    /// <summary>JSON.</summary>
    public static InputForm Json { get; } = new("JSON text", 16 << 20, true);

    /// <summary>Tables of deployments or variants.</summary>
    public static InputForm Csv { get; } = new("a CSV", 32 << 20, true);

    /// <summary>Tables of results that are compared.</summary>
    public static InputForm Results { get; } = new("a CSV of results", 128 << 20, true);

    /// <summary>Measured operators.</summary>
    public static InputForm Parquet { get; } = new("a Parquet file", 128 << 20, false);

    /// <summary>A learned efficiency, or weights beside it.</summary>
    public static InputForm Onnx { get; } = new("an ONNX model", 128 << 20, false);
}

/// <summary>
/// The one way that input is read: regular files, and pipes where the form takes them, up to the form's size, whatever the file system
/// says their size is. Every input is noted, so that no output takes its place.
/// </summary>
internal static class InputFile
{
    private const int BlockBytes = 1 << 16;
    private static readonly TimeSpan PipePatience = TimeSpan.FromSeconds(8);

    /// <summary>Whether there is a file, or a document that is given under its name.</summary>
    public static bool Exists(string path) => CommandFiles.Current.IsGiven(path) || File.Exists(path);

    /// <summary>Text of a file.</summary>
    /// <param name="path">Path as messages name it.</param>
    /// <param name="form">Its form.</param>
    /// <exception cref="ConfigurationException">It cannot be read, is no text, or is too large.</exception>
    public static string Text(string path, InputForm form) => Encoding.UTF8.GetString(Utf8(path, form).Span);

    /// <summary>Text of a file as it is stored, without a mark of byte order.</summary>
    /// <param name="path">Path as messages name it.</param>
    /// <param name="form">Its form.</param>
    /// <exception cref="ConfigurationException">It cannot be read, is no text, or is too large.</exception>
    public static ReadOnlyMemory<byte> Utf8(string path, InputForm form)
    {
        byte[] content = Bytes(path, form);
        int mark = content.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
        return System.Text.Unicode.Utf8.IsValid(content.AsSpan(mark))
            ? content.AsMemory(mark)
            : throw new ConfigurationException($"{path}: found bytes that are not UTF-8; expected {form.What}");
    }

    /// <summary>Bytes of a file.</summary>
    /// <param name="path">Path as messages name it.</param>
    /// <param name="form">Its form.</param>
    /// <exception cref="ConfigurationException">It cannot be read, or is too large.</exception>
    public static byte[] Bytes(string path, InputForm form)
    {
        if (CommandFiles.Current.Given(path) is { } given)
        {
            return Encoding.UTF8.GetBytes(given.GetRawText());
        }

        FileIdentity identity = FileIdentity.Of(path);
        string? odd = identity.Kind switch
        {
            FileKind.Absent when path.Contains('\0', StringComparison.Ordinal) => "a path with a NUL character",
            FileKind.Regular or FileKind.Absent => null,
            FileKind.Pipe => form.TakesPipes ? null : "a pipe",
            FileKind.Folder => "a folder",
            FileKind.Device => "a device",
            _ => "neither file nor folder",
        };
        if (odd is not null)
        {
            throw new ConfigurationException($"{path}: found {odd}; expected {form.What} in a regular file{(form.TakesPipes ? " or a pipe" : "")}");
        }

        CommandFiles.Current.Read(path, identity);
        try
        {
            return identity.Kind == FileKind.Pipe ? CommandFiles.Current.Pipe(path, () => OfPipe(path, form)) : OfFile(path, form);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{path}: cannot be read: {exception.Message}; expected {form.What}", exception);
        }
    }

    /// <summary>A pipe may have no one at its other end, or one that never ends: no command waits for that.</summary>
    private static byte[] OfPipe(string path, InputForm form)
    {
        byte[]? content = null;
        Exception? failure = null;
        Thread reader = new(() =>
        {
            try
            {
                content = OfFile(path, form);
            }
            catch (Exception exception)
            {
                failure = exception;
            }
        })
        { IsBackground = true };
        reader.Start();
        if (!reader.Join(PipePatience))
        {
            throw new ConfigurationException(
                $"{path}: found a pipe that did not end within {PipePatience.TotalSeconds} s; expected {form.What}: write it to a file first");
        }

        return failure is null ? content! : throw failure;
    }

    private static byte[] OfFile(string path, InputForm form)
    {
        // Sizes that a file system states may be none at all (/proc), or grow: what is read is what counts.
        using FileStream stream = new(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
        long stated = stream.CanSeek ? stream.Length : 0;
        if (stated > form.MostBytes)
        {
            throw TooLarge(path, form, stated);
        }

        // A file that is as long as it says is read into its own room: whether more follows is asked of one byte.
        byte[] content = new byte[stated > 0 ? stated : BlockBytes];
        Span<byte> following = stackalloc byte[1];
        int count = 0;
        while (true)
        {
            bool isFull = count == content.Length;
            int some = stream.Read(isFull ? following : content.AsSpan(count));
            if (some == 0)
            {
                break;
            }

            if (count + some > form.MostBytes)
            {
                throw TooLarge(path, form, null);
            }

            if (isFull)
            {
                Array.Resize(ref content, (int)Math.Min(Math.Max(2L * count, BlockBytes), form.MostBytes));
                content[count] = following[0];
            }

            count += some;
        }

        return count == content.Length ? content : content.AsSpan(0, count).ToArray();
    }

    private static ConfigurationException TooLarge(string path, InputForm form, long? bytes) => new(
        $"{path}: found {(bytes is { } known ? $"{known} bytes" : "more bytes")}; expected {form.What} of at most {form.MostBytes >> 20} MiB");
}
