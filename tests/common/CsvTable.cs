using System.Globalization;
using System.IO.Compression;
using nietras.SeparatedValues;

namespace FastSim.Tests;

/// <summary>A CSV file read back, by an independent reader of the same library that wrote it.</summary>
public sealed class CsvTable
{
    private CsvTable(string[] header, List<string[]> rows)
    {
        Header = header;
        Rows = rows;
    }

    public IReadOnlyList<string> Header { get; }

    public IReadOnlyList<string[]> Rows { get; }

    public static CsvTable Load(string path)
    {
        using Stream file = File.OpenRead(path);
        using Stream plain = path.EndsWith(".gz", StringComparison.Ordinal) ? new GZipStream(file, CompressionMode.Decompress) : file;
        using StreamReader text = new(plain);
        using SepReader reader = Sep.New(',').Reader(options => options with { Unescape = true, CultureInfo = CultureInfo.InvariantCulture }).From(text);
        List<string[]> rows = [];
        foreach (SepReader.Row row in reader)
        {
            string[] cells = new string[row.ColCount];
            for (int column = 0; column < cells.Length; column++)
            {
                cells[column] = row[column].ToString();
            }

            rows.Add(cells);
        }

        return new CsvTable([.. reader.Header.ColNames], rows);
    }

    /// <summary>The cells of a wide table's field, one a job.</summary>
    public string[] Field(string name) => Rows.Single(row => row[0] == name)[1..];

    public double Number(string field, int run) => double.Parse(Field(field)[run], CultureInfo.InvariantCulture);
}
