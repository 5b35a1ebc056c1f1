using System.Runtime.InteropServices;
using System.Text;
using nietras.SeparatedValues;

namespace FastSim.Cli.Configuration;

/// <summary>CSV of users as Sep reads it, held to a number of columns first, and to a name each: Sep takes no name twice, and does not say which.</summary>
internal static class CsvText
{
    private const int MostColumns = 4096;
    private const int BytesAtOnce = 1 << 14;

    private static readonly (char Separator, string Name)[] OtherSeparators = [('\t', "tabs"), (';', "semicolons"), ('|', "bars")];

    /// <summary>Opens a table whose text was read.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="text">Its text.</param>
    /// <param name="configure">How it is read.</param>
    /// <exception cref="ConfigurationException">It has too many columns, or two of one name.</exception>
    public static SepReader Open(string file, string text, Func<SepReaderOptions, SepReaderOptions> configure)
    {
        int end = text.AsSpan().IndexOfAny('\n', '\r');
        return Open(file, (end < 0 ? text.AsSpan() : text.AsSpan(0, end)).Count(',') + 1, () => new StringReader(text), configure);
    }

    /// <summary>Opens a table whose text was read as it is stored, of which most never stands in memory as characters.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="text">Its text, UTF-8.</param>
    /// <param name="configure">How it is read.</param>
    /// <exception cref="ConfigurationException">It has too many columns, or two of one name.</exception>
    public static SepReader Open(string file, ReadOnlyMemory<byte> text, Func<SepReaderOptions, SepReaderOptions> configure)
    {
        int end = text.Span.IndexOfAny((byte)'\n', (byte)'\r');
        int columns = (end < 0 ? text.Span : text.Span[..end]).Count((byte)',') + 1;
        ArraySegment<byte> bytes = MemoryMarshal.TryGetArray(text, out ArraySegment<byte> segment) ? segment : text.ToArray();
        return Open(file, columns, Characters, configure);

        TextReader Characters() => new StreamReader(
            new MemoryStream(bytes.Array!, bytes.Offset, bytes.Count, writable: false), new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false, BytesAtOnce);
    }

    /// <summary>Refuses a header that commas do not divide but something else does; for tables that lack a column, since one column may be called anything.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="header">Names of the columns.</param>
    /// <exception cref="ConfigurationException">Semicolons, tabs or bars stand between names where commas would.</exception>
    public static void RefuseOtherSeparators(string file, IReadOnlyList<string> header)
    {
        foreach ((char separator, string name) in OtherSeparators)
        {
            if (header is [var whole] && whole.Contains(separator, StringComparison.Ordinal))
            {
                throw new ConfigurationException($"{file}: header: found {name} and no comma; expected commas between columns");
            }
        }
    }

    private static SepReader Open(string file, int columns, Func<TextReader> text, Func<SepReaderOptions, SepReaderOptions> configure)
    {
        if (columns > MostColumns)
        {
            throw new ConfigurationException($"{file}: header: found {columns} columns; expected at most {MostColumns}");
        }

        RefuseTwice(file, Sep.New(',').Reader(options => configure(options) with { HasHeader = false }).From(text()));
        return Sep.New(',').Reader(configure).From(text());
    }

    private static void RefuseTwice(string file, SepReader text)
    {
        using SepReader rows = text;
        HashSet<string> names = [];
        if (!rows.MoveNext())
        {
            return;
        }

        SepReader.Row header = rows.Current;
        for (int column = 0; column < header.ColCount; column++)
        {
            string name = header[column].ToString().Trim();
            if (!names.Add(name))
            {
                throw new ConfigurationException($"{file}: header: found {(name.Length == 0 ? "two columns without a name" : $"the column {name} twice")}; expected each once");
            }
        }
    }
}
