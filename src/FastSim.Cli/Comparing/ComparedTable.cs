using System.IO.Compression;
using System.Text;
using FastSim.Cli.Configuration;
using FastSim.Cli.Serving;
using nietras.SeparatedValues;

namespace FastSim.Cli.Comparing;

/// <summary>A table of results, of whichever command: which columns say what a row is of, and which are its figures.</summary>
internal sealed class ComparedTable
{
    private const string Compressed = ".gz";
    private const int MostRows = 1_000_000;
    private const string Forms =
        "a table of run (field_name,run_0,… or category,field_name,run_0,…), of sweep or merge (variant,job,…), of predict or validate (…,predicted_ttft_ms,…), or operator details (block,name,…)";

    /// <summary>Last column of a sweep that says what a row is of.</summary>
    private const string LastOfSweep = "out_size";

    private ComparedTable(string file, string form, string[] keys, string[] figures, IReadOnlyList<ComparedRow> rows)
    {
        File = file;
        Form = form;
        Keys = keys;
        Figures = figures;
        Rows = rows;
    }

    /// <summary>Its file.</summary>
    public string File { get; }

    /// <summary>What it is of.</summary>
    public string Form { get; }

    /// <summary>Columns that say what a row is of.</summary>
    public string[] Keys { get; }

    /// <summary>Columns that are compared.</summary>
    public string[] Figures { get; }

    /// <summary>Its rows.</summary>
    public IReadOnlyList<ComparedRow> Rows { get; }

    /// <summary>Reads a table; one whose name ends in <c>.gz</c> is unpacked.</summary>
    /// <exception cref="ConfigurationException">It cannot be read, or is no table of results.</exception>
    public static ComparedTable Load(string file)
    {
        string text = file.EndsWith(Compressed, StringComparison.OrdinalIgnoreCase) ? Unpacked(file) : InputFile.Text(file, InputForm.Results);
        if (string.IsNullOrWhiteSpace(text))
        {
            throw new ConfigurationException($"{file}: found nothing; expected {Forms}");
        }

        if (text.TrimStart()[0] is '{' or '[')
        {
            throw new ConfigurationException($"{file}: found JSON; expected {Forms}");
        }

        return ForeignParser.Run(file, "a CSV of as many cells in every row", () => Read(file, text));
    }

    private static string Unpacked(string file)
    {
        byte[] packed = InputFile.Bytes(file, InputForm.Results);
        try
        {
            using GZipStream stream = new(new MemoryStream(packed), CompressionMode.Decompress);
            using MemoryStream plain = new();
            byte[] block = new byte[1 << 16];
            while (stream.Read(block) is > 0 and int count)
            {
                // What a small file unpacks to has no end of its own.
                if (plain.Length + count > InputForm.Results.MostBytes)
                {
                    throw new ConfigurationException($"{file}: found more than {InputForm.Results.MostBytes >> 20} MiB once unpacked; expected {InputForm.Results.What} of at most that");
                }

                plain.Write(block, 0, count);
            }

            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(plain.GetBuffer(), 0, (int)plain.Length).TrimStart('\uFEFF');
        }
        catch (InvalidDataException exception)
        {
            throw new ConfigurationException($"{file}: found bytes that are not gzip; expected {InputForm.Results.What}, packed, where the name ends in {Compressed}", exception);
        }
        catch (DecoderFallbackException exception)
        {
            throw new ConfigurationException($"{file}: found bytes that are not UTF-8; expected {InputForm.Results.What}", exception);
        }
    }

    private static ComparedTable Read(string file, string text)
    {
        using SepReader csv = CsvText.Open(file, text, options => options with { Unescape = true });
        string[] header = [.. csv.Header.ColNames];
        (string form, string[] keys, string[] figures) = Recognised(file, header);
        int[] keyPlaces = Array.ConvertAll(keys, key => Array.IndexOf(header, key));
        int[] figurePlaces = Array.ConvertAll(figures, figure => Array.IndexOf(header, figure));
        List<ComparedRow> rows = [];
        foreach (SepReader.Row row in csv)
        {
            if (rows.Count == MostRows)
            {
                throw new ConfigurationException($"{file}: line {row.LineNumberFrom}: found more than {MostRows} rows; expected a table of at most as many");
            }

            string[] own = new string[keys.Length];
            string[] cells = new string[figures.Length];
            for (int place = 0; place < own.Length; place++)
            {
                own[place] = row[keyPlaces[place]].ToString();
            }

            for (int place = 0; place < cells.Length; place++)
            {
                cells[place] = row[figurePlaces[place]].ToString();
            }

            rows.Add(new ComparedRow(own, cells));
        }

        return new ComparedTable(file, form, keys, figures, rows);
    }

    /// <summary>What a table is of, by its header.</summary>
    private static (string Form, string[] Keys, string[] Figures) Recognised(string file, string[] header)
    {
        string[] predicted = [.. header.Where(PredictionCsv.Columns.Contains)];
        return header switch
        {
            ["field_name", ..] => ("run", header[..1], header[1..]),
            ["category", "field_name", ..] => ("run", header[1..2], header[2..]),
            ["variant", "job", ..] when Array.IndexOf(header, LastOfSweep) is > 0 and int last => ("sweep", header[1..(last + 1)], header[(last + 1)..]),
            ["block", "name", ..] => ("operators", header[..2], header[2..]),
            _ when predicted.Contains("predicted_ttft_ms") => (
                "predictions", [.. header.Where(name => !predicted.Contains(name) && !name.StartsWith("silicon_", StringComparison.Ordinal))], predicted),
            _ => throw new ConfigurationException($"{file}: header: found {OneLine.Of(string.Join(',', header.Take(8)))}{(header.Length > 8 ? ",…" : "")}; expected {Forms}"),
        };
    }
}

/// <summary>A row of a table of results.</summary>
/// <param name="Keys">What it is of.</param>
/// <param name="Figures">Its figures, as they stand.</param>
internal sealed record ComparedRow(string[] Keys, string[] Figures);
