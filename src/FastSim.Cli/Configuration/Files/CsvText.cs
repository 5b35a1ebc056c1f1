using System.Runtime.InteropServices;
using System.Text;
using nietras.SeparatedValues;

namespace FastSim.Cli.Configuration;

/// <summary>CSV of users as Sep reads it, held to a number of columns first: a header makes a name of each.</summary>
internal static class CsvText
{
    private const int MostColumns = 4096;
    private const int BytesAtOnce = 1 << 14;

    /// <summary>Opens a table whose text was read.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="text">Its text.</param>
    /// <param name="configure">How it is read.</param>
    /// <exception cref="ConfigurationException">It has too many columns.</exception>
    public static SepReader Open(string file, string text, Func<SepReaderOptions, SepReaderOptions> configure)
    {
        int end = text.AsSpan().IndexOfAny('\n', '\r');
        return Open(file, (end < 0 ? text.AsSpan() : text.AsSpan(0, end)).Count(',') + 1, new StringReader(text), configure);
    }

    /// <summary>Opens a table whose text was read as it is stored, of which most never stands in memory as characters.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="text">Its text, UTF-8.</param>
    /// <param name="configure">How it is read.</param>
    /// <exception cref="ConfigurationException">It has too many columns.</exception>
    public static SepReader Open(string file, ReadOnlyMemory<byte> text, Func<SepReaderOptions, SepReaderOptions> configure)
    {
        int end = text.Span.IndexOfAny((byte)'\n', (byte)'\r');
        int columns = (end < 0 ? text.Span : text.Span[..end]).Count((byte)',') + 1;
        MemoryStream bytes = MemoryMarshal.TryGetArray(text, out ArraySegment<byte> segment)
            ? new MemoryStream(segment.Array!, segment.Offset, segment.Count, writable: false)
            : new MemoryStream(text.ToArray(), writable: false);
        return Open(file, columns, new StreamReader(bytes, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false, BytesAtOnce), configure);
    }

    private static SepReader Open(string file, int columns, TextReader text, Func<SepReaderOptions, SepReaderOptions> configure) => columns <= MostColumns
        ? Sep.New(',').Reader(configure).From(text)
        : throw new ConfigurationException($"{file}: header: found {columns} columns; expected at most {MostColumns}");
}
