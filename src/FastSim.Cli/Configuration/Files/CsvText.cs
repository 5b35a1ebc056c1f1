using nietras.SeparatedValues;

namespace FastSim.Cli.Configuration;

/// <summary>CSV of users as Sep reads it, held to a number of columns first: a header makes a name of each.</summary>
internal static class CsvText
{
    private const int MostColumns = 4096;

    /// <summary>Opens a table whose text was read.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="text">Its text.</param>
    /// <param name="configure">How it is read.</param>
    /// <exception cref="ConfigurationException">It has too many columns.</exception>
    public static SepReader Open(string file, string text, Func<SepReaderOptions, SepReaderOptions> configure)
    {
        int end = text.AsSpan().IndexOfAny('\n', '\r');
        int columns = (end < 0 ? text.AsSpan() : text.AsSpan(0, end)).Count(',') + 1;
        return columns <= MostColumns
            ? Sep.New(',').Reader(configure).FromText(text)
            : throw new ConfigurationException($"{file}: header: found {columns} columns; expected at most {MostColumns}");
    }
}
