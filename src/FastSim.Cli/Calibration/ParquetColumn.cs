using System.Globalization;
using FastSim.Cli.Configuration;
using Parquet;
using Parquet.Schema;

namespace FastSim.Cli.Calibration;

/// <summary>Reads a column of a row group, whichever of the types that measurement tools write it has.</summary>
internal static class ParquetColumn
{
    /// <summary>A column of text; a missing value is empty.</summary>
    public static async Task<string[]> TextsAsync(string file, ParquetRowGroupReader group, DataField field, int count)
    {
        if (field.ClrType != typeof(string) && field.ClrType != typeof(ReadOnlyMemory<char>))
        {
            throw ConfigurationException.At(file, field.Name, "a column of numbers or of another type", "a column of text");
        }

        string?[] texts = new string?[count];
        await group.ReadAsync(field, texts.AsMemory()!).ConfigureAwait(false);
        return Array.ConvertAll(texts, text => text ?? "");
    }

    /// <summary>A column of numbers.</summary>
    /// <param name="file">The file.</param>
    /// <param name="group">The row group.</param>
    /// <param name="field">The column.</param>
    /// <param name="count">Rows of the group.</param>
    /// <param name="before">Rows before it, by which messages number rows.</param>
    public static async Task<double[]> NumbersAsync(string file, ParquetRowGroupReader group, DataField field, int count, int before)
    {
        double?[] numbers;
        if (field.ClrType == typeof(double))
        {
            numbers = await ReadAsync<double>(group, field, count, number => number).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(float))
        {
            numbers = await ReadAsync<float>(group, field, count, number => number).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(long))
        {
            numbers = await ReadAsync<long>(group, field, count, number => number).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(int))
        {
            numbers = await ReadAsync<int>(group, field, count, number => number).ConfigureAwait(false);
        }
        else
        {
            throw ConfigurationException.At(file, field.Name, "a column of text or of another type", "a column of numbers");
        }

        for (int row = 0; row < count; row++)
        {
            if (numbers[row] is not { } number || !JsonValue.IsWithinRange(number))
            {
                string found = numbers[row] is { } odd ? odd.ToString(CultureInfo.InvariantCulture) : "nothing";
                string expected = double.IsFinite(numbers[row] ?? double.NaN) ? "a number of a size from 1e-30 to 1e30" : "a number";
                throw ConfigurationException.At(file, string.Create(CultureInfo.InvariantCulture, $"row {before + row + 1}: {field.Name}"), found, expected);
            }
        }

        return Array.ConvertAll(numbers, number => number!.Value);
    }

    private static async Task<double?[]> ReadAsync<T>(ParquetRowGroupReader group, DataField field, int count, Func<T, double> number)
        where T : struct
    {
        if (field.IsNullable)
        {
            T?[] read = new T?[count];
            await group.ReadAsync(field, read.AsMemory()).ConfigureAwait(false);
            return Array.ConvertAll(read, value => value is { } known ? number(known) : (double?)null);
        }

        T[] whole = new T[count];
        await group.ReadAsync(field, whole.AsMemory()).ConfigureAwait(false);
        return Array.ConvertAll(whole, value => (double?)number(value));
    }
}
