using FastSim.Cli.Configuration;
using Parquet;
using Parquet.Schema;

namespace FastSim.Cli.Calibration;

/// <summary>The columns that are needed of a Parquet file of measured operators.</summary>
internal sealed class MeasuredTable
{
    private readonly Dictionary<string, Array> columns;

    private MeasuredTable(string file, int rows, Dictionary<string, Array> columns)
    {
        File = file;
        Rows = rows;
        this.columns = columns;
    }

    /// <summary>Path as messages name it.</summary>
    public string File { get; }

    /// <summary>Rows.</summary>
    public int Rows { get; }

    /// <summary>Reads a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="texts">Columns of text that it must have.</param>
    /// <param name="numbers">Columns of numbers that it must have.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static MeasuredTable Load(string file, IReadOnlyList<string> texts, IReadOnlyList<string> numbers)
    {
        byte[] content = InputFile.Bytes(file, InputForm.Parquet);
        const string Expected = "Parquet";
        ForeignParser.Run(file, Expected, () =>
        {
            ParquetStructure.Check(content, texts.Concat(numbers));
            return true;
        });
        return ForeignParser.RunLimited(file, Expected, content.Length, () => LoadAsync(file, content, texts, numbers).GetAwaiter().GetResult());
    }

    /// <summary>A column of text.</summary>
    public string[] Texts(string column) => (string[])columns[column];

    /// <summary>A column of numbers.</summary>
    public double[] Numbers(string column) => (double[])columns[column];

    private static async Task<MeasuredTable> LoadAsync(string file, byte[] content, IReadOnlyList<string> texts, IReadOnlyList<string> numbers)
    {
        using MemoryStream stream = new(content, writable: false);
        await using ParquetReader reader = await ParquetReader.CreateAsync(stream).ConfigureAwait(false);
        Dictionary<string, DataField> fields = [];
        foreach (DataField field in reader.Schema.DataFields)
        {
            fields.TryAdd(field.Name, field);
        }

        foreach (string name in texts.Concat(numbers))
        {
            if (!fields.ContainsKey(name))
            {
                throw new ConfigurationException(
                    $"{file}: columns: found {(fields.Count == 0 ? "none" : string.Join(", ", fields.Keys))}; expected {name} among them");
            }
        }

        Dictionary<string, List<string>> readTexts = texts.ToDictionary(name => name, _ => new List<string>());
        Dictionary<string, List<double>> readNumbers = numbers.ToDictionary(name => name, _ => new List<double>());
        int rows = 0;
        for (int index = 0; index < reader.RowGroupCount; index++)
        {
            using ParquetRowGroupReader group = reader.OpenRowGroupReader(index);
            int count = checked((int)group.RowCount);
            foreach ((string name, List<string> column) in readTexts)
            {
                column.AddRange(await ParquetColumn.TextsAsync(file, group, fields[name], count).ConfigureAwait(false));
            }

            foreach ((string name, List<double> column) in readNumbers)
            {
                column.AddRange(await ParquetColumn.NumbersAsync(file, group, fields[name], count, rows).ConfigureAwait(false));
            }

            rows += count;
        }

        if (rows == 0)
        {
            throw new ConfigurationException($"{file}: found no row; expected measured operators");
        }

        Dictionary<string, Array> columns = [];
        foreach ((string name, List<string> column) in readTexts)
        {
            columns[name] = column.ToArray();
        }

        foreach ((string name, List<double> column) in readNumbers)
        {
            columns[name] = column.ToArray();
        }

        return new MeasuredTable(file, rows, columns);
    }
}
