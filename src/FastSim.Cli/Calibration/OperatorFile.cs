using FastSim.Cli.Configuration;
using Parquet;
using Parquet.Schema;

namespace FastSim.Cli.Calibration;

/// <summary>A Parquet file of measured operators: the columns that are asked for.</summary>
internal sealed class OperatorFile
{
    private readonly string file;
    private readonly Dictionary<string, double[]> numbers = [];
    private readonly Dictionary<string, string[]> texts = [];

    private OperatorFile(string file, int count)
    {
        this.file = file;
        Count = count;
    }

    /// <summary>Rows.</summary>
    public int Count { get; }

    /// <summary>A column of numbers.</summary>
    /// <exception cref="ConfigurationException">There is none of that name.</exception>
    public double[] Number(string column) => numbers.TryGetValue(column, out double[]? values) ? values : throw Missing(column);

    /// <summary>A column of texts.</summary>
    /// <exception cref="ConfigurationException">There is none of that name.</exception>
    public string[] Text(string column) => texts.TryGetValue(column, out string[]? values) ? values : throw Missing(column);

    /// <summary>Reads a file.</summary>
    /// <exception cref="ConfigurationException">It cannot be read.</exception>
    public static OperatorFile Load(string file)
    {
        try
        {
            return LoadAsync(file).GetAwaiter().GetResult();
        }
        catch (Exception exception) when (exception is not ConfigurationException)
        {
            string reason = string.Join(' ', exception.Message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            throw new ConfigurationException($"{file}: cannot be read as Parquet: {reason}", exception);
        }
    }

    private static async Task<OperatorFile> LoadAsync(string file)
    {
        await using ParquetReader reader = await ParquetReader.CreateAsync(file).ConfigureAwait(false);
        int groups = reader.RowGroupCount;
        int[] counts = new int[groups];
        for (int group = 0; group < groups; group++)
        {
            using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
            counts[group] = (int)rows.RowCount;
        }

        OperatorFile read = new(file, counts.Sum());
        foreach (DataField field in reader.Schema.GetDataFields())
        {
            double[] numbers = new double[read.Count];
            string?[] texts = new string?[read.Count];
            int start = 0;
            for (int group = 0; group < groups; group++)
            {
                using ParquetRowGroupReader rows = reader.OpenRowGroupReader(group);
                await ReadAsync(rows, field, numbers.AsMemory(start, counts[group]), texts.AsMemory(start, counts[group])).ConfigureAwait(false);
                start += counts[group];
            }

            if (IsText(field))
            {
                read.texts[field.Name] = Array.ConvertAll(texts, text => text ?? "");
            }
            else
            {
                read.numbers[field.Name] = numbers;
            }
        }

        return read;
    }

    private static bool IsText(DataField field) => field.ClrType == typeof(string) || field.ClrType == typeof(ReadOnlyMemory<char>);

    private static async Task ReadAsync(ParquetRowGroupReader rows, DataField field, Memory<double> numbers, Memory<string?> texts)
    {
        if (IsText(field))
        {
            await rows.ReadAsync(field, texts).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(double))
        {
            await ReadAsync<double>(rows, field, numbers, value => value).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(float))
        {
            await ReadAsync<float>(rows, field, numbers, value => value).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(long))
        {
            await ReadAsync<long>(rows, field, numbers, value => value).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(int))
        {
            await ReadAsync<int>(rows, field, numbers, value => value).ConfigureAwait(false);
        }
        else
        {
            numbers.Span.Fill(double.NaN);
        }
    }

    private static async Task ReadAsync<T>(ParquetRowGroupReader rows, DataField field, Memory<double> numbers, Func<T, double> convert)
        where T : struct
    {
        if (field.IsNullable)
        {
            T?[] values = new T?[numbers.Length];
            await rows.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false);
            Fill(numbers.Span, values, value => value is { } number ? convert(number) : double.NaN);
        }
        else
        {
            T[] values = new T[numbers.Length];
            await rows.ReadAsync<T>(field, values.AsMemory()).ConfigureAwait(false);
            Fill(numbers.Span, values, convert);
        }
    }

    private static void Fill<T>(Span<double> numbers, T[] values, Func<T, double> convert)
    {
        for (int row = 0; row < values.Length; row++)
        {
            numbers[row] = convert(values[row]);
        }
    }

    private ConfigurationException Missing(string column)
    {
        string[] columns = [.. numbers.Keys, .. texts.Keys];
        string nearest = NearestName.Of(column, columns) is { } near ? $"; did you mean \"{near}\"?" : "";
        return new ConfigurationException($"{file}: found no column {column}; expected it among {string.Join(", ", columns)}{nearest}");
    }
}
