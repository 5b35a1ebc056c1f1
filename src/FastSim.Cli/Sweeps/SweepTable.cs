using System.Globalization;
using System.Runtime.InteropServices;
using FastSim.Cli.Configuration;
using nietras.SeparatedValues;

namespace FastSim.Cli.Sweeps;

/// <summary>The numbers of a finished sweep's rows that are asked for, column by column.</summary>
internal sealed class SweepTable
{
    private readonly Dictionary<string, double[]> numbers;
    private readonly Dictionary<string, byte[]> words;

    private SweepTable(long[] variants, int[] jobs, Dictionary<string, double[]> numbers, Dictionary<string, byte[]> words, List<string> vocabulary)
    {
        Variants = variants;
        Jobs = jobs;
        this.numbers = numbers;
        this.words = words;
        Vocabulary = vocabulary;
    }

    /// <summary>Variant of each row, rising.</summary>
    public long[] Variants { get; }

    /// <summary>Job of each row.</summary>
    public int[] Jobs { get; }

    /// <summary>Words of the columns of text.</summary>
    public IReadOnlyList<string> Vocabulary { get; }

    /// <summary>Rows.</summary>
    public int Count => Variants.Length;

    /// <summary>A column of numbers; NaN where a cell is empty.</summary>
    public double[] Number(string column) => numbers[column];

    /// <summary>A column of words, each a place in <see cref="Vocabulary"/>.</summary>
    public byte[] Word(string column) => words[column];

    /// <summary>Row of a variant's job; -1 when it has none.</summary>
    public int RowOf(long variant, int job, int jobs)
    {
        long direct = (variant * jobs) + job;
        if (direct < Count && Variants[direct] == variant && Jobs[direct] == job)
        {
            return (int)direct;
        }

        int found = Array.BinarySearch(Variants, variant);
        if (found < 0)
        {
            return -1;
        }

        // Rows of a variant stand together, in the order of its jobs.
        return found - Jobs[found] + job;
    }

    /// <summary>A table of what was kept of its rows as they were written.</summary>
    /// <param name="columns">Its columns.</param>
    /// <param name="kept">The rows.</param>
    public static SweepTable Of(TableColumns columns, KeptRows kept) => new(
        kept.Variants,
        kept.Jobs,
        columns.Numbers.Zip(kept.Numbers).ToDictionary(pair => pair.First, pair => pair.Second),
        columns.Words.Zip(kept.Words).ToDictionary(pair => pair.First, pair => pair.Second),
        kept.Vocabulary);

    /// <summary>Reads a result.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="path">The rows.</param>
    /// <param name="rows">How many there are.</param>
    /// <param name="columns">Columns to keep.</param>
    /// <exception cref="ConfigurationException">It cannot be read.</exception>
    public static SweepTable Load(SweepPlan plan, string path, long rows, TableColumns columns)
    {
        try
        {
            long[] variants = new long[rows];
            int[] jobs = new int[rows];
            Dictionary<string, double[]> numbers = columns.Numbers.ToDictionary(column => column, _ => new double[rows]);
            Dictionary<string, byte[]> words = columns.Words.ToDictionary(column => column, _ => new byte[rows]);
            List<string> vocabulary = [];
            if (plan.KeepsColumns)
            {
                ReadColumns(plan, path, variants, jobs, numbers, words, vocabulary);
                return new SweepTable(variants, jobs, numbers, words, vocabulary);
            }

            using SepReader csv = Sep.New(',').Reader(options => options with { Unescape = true }).FromFile(path);
            (int Cell, double[] Values, CellNumbers Numbers)[] numberCells = [.. numbers.Select(column => (csv.Header.IndexOf(column.Key), column.Value, new CellNumbers()))];
            (int Cell, byte[] Values)[] wordCells = [.. words.Select(column => (csv.Header.IndexOf(column.Key), column.Value))];
            int count = 0;
            foreach (SepReader.Row row in csv)
            {
                variants[count] = long.Parse(row[0].Span, CultureInfo.InvariantCulture);
                jobs[count] = int.Parse(row[1].Span, CultureInfo.InvariantCulture);
                foreach ((int cell, double[] values, CellNumbers read) in numberCells)
                {
                    values[count] = read.Of(row[cell].Span);
                }

                foreach ((int cell, byte[] values) in wordCells)
                {
                    values[count] = WordOf(row[cell].Span, vocabulary);
                }

                count++;
            }

            return new SweepTable(variants, jobs, numbers, words, vocabulary);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or FormatException or InvalidDataException)
        {
            throw new ConfigurationException($"{path}: cannot be read: {exception.Message}", exception);
        }
    }

    private static void ReadColumns(
        SweepPlan plan, string path, long[] variants, int[] jobs, Dictionary<string, double[]> numbers, Dictionary<string, byte[]> words, List<string> vocabulary)
    {
        string[] header = [.. plan.Header];
        (int Column, double[] Values)[] numberColumns = [.. numbers.Select(column => (Array.IndexOf(header, column.Key), column.Value))];
        (int Column, byte[] Values)[] wordColumns = [.. words.Select(column => (Array.IndexOf(header, column.Key), column.Value))];
        using ColumnFile file = new(plan, path);
        long[] cells = [];
        for (int at = 0; file.Next(); at += file.Columns.Rows)
        {
            BlockColumns block = file.Columns;
            cells = cells.Length < block.Rows ? new long[block.Rows] : cells;
            block.Read(0, 0, variants.AsSpan(at, block.Rows));
            block.Read(1, 0, cells.AsSpan(0, block.Rows));
            for (int row = 0; row < block.Rows; row++)
            {
                jobs[at + row] = (int)cells[row];
            }

            foreach ((int column, double[] values) in numberColumns)
            {
                block.Read(column, 0, MemoryMarshal.Cast<double, long>(values.AsSpan(at, block.Rows)));
            }

            long[][] places = Array.ConvertAll(wordColumns, _ => new long[block.Rows]);
            string[][] texts = Array.ConvertAll(wordColumns, column => block.Texts(column.Column));
            for (int word = 0; word < wordColumns.Length; word++)
            {
                block.Read(wordColumns[word].Column, 0, places[word]);
            }

            // Row by row, so that words come in the order in which the rows say them.
            for (int row = 0; row < block.Rows; row++)
            {
                for (int word = 0; word < wordColumns.Length; word++)
                {
                    wordColumns[word].Values[at + row] = WordOf(texts[word][places[word][row]], vocabulary);
                }
            }
        }
    }

    /// <summary>Place of a word among those that there are; a new one goes last.</summary>
    internal static byte WordOf(ReadOnlySpan<char> text, List<string> vocabulary)
    {
        for (int word = 0; word < vocabulary.Count; word++)
        {
            if (text.SequenceEqual(vocabulary[word]))
            {
                return (byte)word;
            }
        }

        vocabulary.Add(text.ToString());
        return (byte)(vocabulary.Count - 1);
    }
}
