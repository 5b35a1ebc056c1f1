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

        // As slices of the dictionary's letters, and a text for each that differs: a word that comes a million times is held once.
        Dictionary<string, string> words = new(StringComparer.Ordinal);
        Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> known = words.GetAlternateLookup<ReadOnlySpan<char>>();
        string Word(ReadOnlyMemory<char> letters)
        {
            if (!known.TryGetValue(letters.Span, out string? word))
            {
                word = letters.ToString();
                words[word] = word;
            }

            return word;
        }

        string?[] texts = await ReadAsync<ReadOnlyMemory<char>, string?>(group, field, count, Word, null).ConfigureAwait(false);
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
            numbers = await ReadAsync<double, double?>(group, field, count, number => number, null).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(float))
        {
            numbers = await ReadAsync<float, double?>(group, field, count, number => number, null).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(long))
        {
            numbers = await ReadAsync<long, double?>(group, field, count, number => number, null).ConfigureAwait(false);
        }
        else if (field.ClrType == typeof(int))
        {
            numbers = await ReadAsync<int, double?>(group, field, count, number => number, null).ConfigureAwait(false);
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

    private static async Task<TValue[]> ReadAsync<T, TValue>(ParquetRowGroupReader group, DataField field, int count, Func<T, TValue> value, TValue missing)
        where T : struct
    {
        if (field.IsNullable)
        {
            T?[] read = new T?[count];
            await group.ReadAsync(field, read.AsMemory()).ConfigureAwait(false);
            return Array.ConvertAll(read, one => one is { } known ? value(known) : missing);
        }

        T[] whole = new T[count];
        await group.ReadAsync(field, whole.AsMemory()).ConfigureAwait(false);
        return Array.ConvertAll(whole, one => value(one));
    }
}
