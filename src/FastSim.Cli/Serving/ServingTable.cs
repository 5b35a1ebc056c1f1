using FastSim.Cli.Configuration;
using nietras.SeparatedValues;

namespace FastSim.Cli.Serving;

/// <summary>A table of deployments.</summary>
internal sealed class ServingTable
{
    /// <summary>Prompts that a rank of the prefill pool takes at a time.</summary>
    public const string PrefillBatch = "prefill_batch_size";

    private const int MostRows = 500_000;

    private static readonly string[] Required = ["model_path", "system", "backend", "isl", "osl"];

    private static readonly string[] Layout = ["tp_size", "pp_size", "attention_dp_size", "moe_tp_size", "moe_ep_size"];

    private static readonly string[] OfOnePool = ["batch_size", .. Layout];

    private static readonly string[] OfPools =
    [
        "prefill_num_workers", .. Layout.Select(column => $"prefill_{column}"),
        "decode_batch_size", "decode_num_workers", .. Layout.Select(column => $"decode_{column}"),
    ];

    /// <summary>The column of an engine's release.</summary>
    public const string Release = "backend_version";

    /// <summary>Columns that decide a prediction; a table may lack any but the required ones.</summary>
    private static readonly string[] Known = [.. Required, "mode", "precision", "gemm_quant_mode", .. OfOnePool, .. OfPools];

    /// <summary>
    /// Columns that are used where they are there, and not missed where they are not: the engine's release, the experts' own type, prompts at a time,
    /// the cache's share, drafts, images of a request and tokens of each, what the benchmark asked, and where a concurrency may stand.
    /// </summary>
    private static readonly string[] Further = [Release, "moe_quant_mode", PrefillBatch, "kv_cache_fraction", "draft_tokens", "draft_acceptance", ServingDrafts.MeanLength, ServingDrafts.Model, ImageKeys.Images, ImageKeys.Tokens, .. BenchmarkRun.Columns, "concurrency", "id", "silicon_data_source"];

    /// <summary>Columns of what may differ from row to row of a deployment: how long requests are, how many there are, and what rows are called.</summary>
    private static readonly string[] OfRequests = ["isl", "osl", "batch_size", .. BenchmarkRun.Columns, "concurrency", "id", "silicon_data_source"];

    private static readonly string[] Measured = ["silicon_ttft_ms", "silicon_tpot_ms", "suspect"];

    private ServingTable(string[] header, IReadOnlyList<ServingRow> rows)
    {
        Header = header;
        Rows = rows;
    }

    /// <summary>Columns, in the file's order.</summary>
    public string[] Header { get; }

    /// <summary>Rows.</summary>
    public IReadOnlyList<ServingRow> Rows { get; }

    /// <summary>Whether a column counts for deployments in one pool alone.</summary>
    public static bool IsOfOnePool(string column) => OfOnePool.Contains(column) || column is BenchmarkRun.BatchWait or BenchmarkRun.Receive or BenchmarkRun.Chunk or BenchmarkRun.Mixed;

    /// <summary>Whether a column counts for deployments in two pools alone.</summary>
    public static bool IsOfPool(string column) => column == PrefillBatch || OfPools.Contains(column);

    /// <summary>Whether a column says something of instances, whatever requests they serve.</summary>
    private static bool IsOfInstance(string column) => !OfRequests.Contains(column) && (Known.Contains(column) || Further.Contains(column));

    /// <summary>Places of the columns that say something of instances.</summary>
    /// <param name="columns">Place of each column.</param>
    public static int[] PlacesOfInstance(IReadOnlyDictionary<string, int> columns) =>
        [.. columns.Where(column => IsOfInstance(column.Key)).Select(column => column.Value)];

    /// <summary>What a user should know of the columns: those the table lacks, and those that change nothing.</summary>
    /// <param name="file">The table's file.</param>
    /// <param name="isValidation">Whether measured columns are used.</param>
    public IEnumerable<string> Warnings(string file, bool isValidation)
    {
        string[] missing = [.. Known.Except(Header)];
        bool hasPools = Rows.Any(row => row.Text("mode").Length > 0 && row.Stated.Any(IsOfPool));
        string[] missed = [.. missing.Where(column => (hasPools || !IsOfPool(column)) && !(column == "gemm_quant_mode" && Has("precision"))
            && !(column == "batch_size" && Has("concurrency")))];
        if (missed.Length > 0)
        {
            yield return $"{file}: the table lacks {string.Join(", ", missed)}; sizes are taken as 1, and the column defaults says what else is";
        }

        string[] unused = [.. Header.Except([.. Known, .. Further, .. PredictionCsv.Columns, .. isValidation ? Measured : []])];
        if (unused.Length > 0)
        {
            // What a column's name begins as is no other's beginning, too.
            string[] meant = [.. missing, .. Further.Except(Header), .. isValidation ? Measured.Except(Header) : []];
            bool BeginsUsed(string column) => Header.Except(unused).Any(used => used.StartsWith(column, StringComparison.OrdinalIgnoreCase));
            yield return $"{file}: columns that change nothing: {string.Join(", ", unused.Select(column => BeginsUsed(column) ? column : Named(column, meant)))}";
        }
    }

    /// <summary>A column that changes nothing, and the one that it may be meant as.</summary>
    private static string Named(string column, string[] missing)
    {
        // A slip every few letters: note is no misspelt mode.
        const int LettersPerSlip = 4;
        string? near = missing.FirstOrDefault(name => column.Length > 1 && name.StartsWith(column, StringComparison.OrdinalIgnoreCase))
            ?? NearestName.Of(column, missing, Math.Min(2, column.Length / LettersPerSlip));
        return near is null ? column : $"{column} (did you mean {near}?)";
    }

    /// <summary>Whether the table has a column.</summary>
    public bool Has(string column) => Header.Contains(column);

    /// <summary>Reads a table.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static ServingTable Load(string file)
    {
        if (!File.Exists(file))
        {
            throw new ConfigurationException($"{file}: found {(Directory.Exists(file) ? "a folder" : "no such file")}; expected a CSV of deployments");
        }

        ReadOnlyMemory<byte> text = InputFile.Utf8(file, InputForm.Csv);
        if (IsJson(text.Span))
        {
            throw new ConfigurationException($"{file}: found JSON; expected a CSV of deployments");
        }

        return ForeignParser.Run(file, "a CSV of as many cells in every row", () => Read(file, text));
    }

    private static ServingTable Read(string file, ReadOnlyMemory<byte> text)
    {
        // Most cells say what others of their column say: one text for all of them leaves little to hold, and to walk when garbage is collected.
        using SepReader csv = CsvText.Open(file, text, options => options with { Unescape = true, CreateToString = SepToString.PoolPerCol() });
        string[] header = [.. csv.Header.ColNames];
        Dictionary<string, int> columns = header.Select((name, place) => (name, place)).ToDictionary(pair => pair.name, pair => pair.place);
        foreach (string column in Required.Where(column => !columns.ContainsKey(column)))
        {
            CsvText.RefuseOtherSeparators(file, header);
            string nearest = NearestName.Of(column, header) is { } near ? $"; did you mean \"{near}\"?" : "";
            throw new ConfigurationException($"{file}: header: found no column {column}; expected {string.Join(", ", Required)} at least{nearest}");
        }

        // Blocks of cells that are no large objects, by which a collection of all garbage would come.
        const int MostCells = 10_000;
        int blockCells = Math.Max(1, MostCells / header.Length) * header.Length;
        string[] block = [];
        int start = blockCells;
        List<ServingRow> rows = new(Math.Min(text.Span.Count((byte)'\n'), MostRows));
        foreach (SepReader.Row row in csv)
        {
            if (start == blockCells)
            {
                (block, start) = (new string[blockCells], 0);
            }

            for (int cell = 0; cell < header.Length; cell++)
            {
                block[start + cell] = row[cell].ToString().Trim();
            }

            if (rows.Count == MostRows)
            {
                throw new ConfigurationException($"{file}: line {row.LineNumberFrom}: found more than {MostRows} rows; expected tables of at most as many");
            }

            rows.Add(new ServingRow(row.LineNumberFrom, block, start, columns));
            start += header.Length;
        }

        return new ServingTable(header, rows);
    }

    /// <summary>Whether a file begins as JSON does: no header does so.</summary>
    private static bool IsJson(ReadOnlySpan<byte> text) => text.Length > 0 && text[0] is ((byte)'{' or (byte)'[');
}
