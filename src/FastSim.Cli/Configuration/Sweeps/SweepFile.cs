using System.Globalization;
using System.IO.Hashing;

namespace FastSim.Cli.Configuration;

/// <summary>What a Pareto front trades.</summary>
/// <param name="Field">A column of the result.</param>
/// <param name="Maximise">Whether more is better.</param>
internal readonly record struct Objective(string Field, bool Maximise);

/// <summary>A sweep as its file states it (docs/sweeps.md).</summary>
/// <param name="File">The file.</param>
/// <param name="RuntimeFile">The runtime that every variant starts from.</param>
/// <param name="OutputFolder">Folder of the results.</param>
/// <param name="Axes">The axes; their product is the sweep, the first outermost.</param>
/// <param name="Filter">Expression over the axes that a variant must meet; null for none.</param>
/// <param name="Cost">Expression of a variant's cost; null for none.</param>
/// <param name="Score">Expression by which the best are picked; null picks by throughput of a card.</param>
/// <param name="Best">How many of the best to explain in full.</param>
/// <param name="Pareto">Objectives of the front; none writes none.</param>
/// <param name="ResultName">Name of the result table: <c>.csv</c>, <c>.csv.gz</c> or <c>.parquet</c>.</param>
/// <param name="HasReport">Whether to write the report.</param>
internal sealed record SweepFile(
    string File,
    string RuntimeFile,
    string OutputFolder,
    IReadOnlyList<SweepAxis> Axes,
    string? Filter,
    string? Cost,
    string? Score,
    int Best,
    IReadOnlyList<Objective> Pareto,
    string ResultName,
    bool HasReport)
{
    /// <summary>Tables of variants that it names.</summary>
    public IReadOnlyList<string> Tables { get; init; } = [];

    /// <summary>Numbers worked out from the axes, in the order in which they are.</summary>
    public IReadOnlyList<DerivedNumber> Derived { get; init; } = [];

    /// <summary>How the jobs' scores make one; null where each job is judged by itself.</summary>
    public SuiteMix? Mix { get; init; }

    /// <summary>Whether the file itself says what the front trades.</summary>
    public bool StatesPareto { get; init; }

    /// <summary>Variants of a sweep that answers each, at most.</summary>
    public const long MostAnswered = 100_000_000;

    /// <summary>Variants of a sweep that is searched for the best, at most: as many as a number of 64 bits counts, with room.</summary>
    public const long MostSearched = 4_000_000_000_000_000_000;

    private const int MostBest = 10_000;
    private const int MostAxes = 64;

    private static readonly string[] DerivedNames = ["best.csv", "optimum.csv", "pareto.csv", "envelope.csv", "sensitivity.csv"];

    private static readonly string[] ResultEndings = [".csv", ".csv.gz", ".parquet"];

    /// <summary>Variants before the filter.</summary>
    public long Variants => Axes.Aggregate(1L, (product, axis) => product * axis.Count);

    /// <summary>Reads a sweep file.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="outputFolder">Folder that takes the place of the file's; null leaves the file's.</param>
    /// <param name="mostVariants">Variants that it may have.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <exception cref="ConfigurationException">The file cannot be used.</exception>
    public static SweepFile Load(string file, string? outputFolder, long mostVariants, Findings findings)
    {
        if (!InputFile.Exists(file))
        {
            throw new ConfigurationException($"{file}: found {(Directory.Exists(file) ? "a folder" : "no such file")}; expected a sweep file");
        }

        JsonValue root = new(file, "", JsonText.Load(file));
        DocumentKind.Require(root, DocumentKind.Sweep);
        JsonObject json = JsonObject.Of(root, "a sweep: an object").Know(
            findings, "runtime", "output", "axes", "combine", "filter", "cost", "score", "best", "pareto", "result", "report", "derive", "mix");
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        SweepAxis[] axes = Array.ConvertAll(json["axes"].Items("the axes of the sweep: a list of objects", MostAxes), item => AxisReader.Read(item, folder, findings));
        string[] tables = [.. axes.Select(axis => axis.Table).OfType<string>()];
        axes = Combine(json, axes);
        DerivedNumber[] derived = DerivedNumber.Read(json, findings);
        string[] names = [.. axes.SelectMany(axis => axis.Columns).Select(column => column.Name), .. derived.Select(number => number.Name)];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ConfigurationException($"{file}: axes: found the name {twice.Key} twice; expected axes{(derived.Length > 0 ? " and derived numbers" : "")} of different names");
        }

        RefuseOverlaps(json["axes"], [.. axes.SelectMany(axis => axis.Targets), .. derived.SelectMany(number => number.Targets)]);
        SweepFile sweep = new(
            file,
            RuntimePath(json["runtime"], folder),
            outputFolder ?? json["output"].Text("the folder of the results"),
            axes,
            Expression(json, "filter"),
            Expression(json, "cost"),
            Expression(json, "score"),
            json.Integer("best", 0, MostBest, missing: 1),
            Objectives(json, findings),
            Result(json),
            json.Boolean("report", missing: true))
        {
            Tables = tables,
            Derived = derived,
            Mix = SuiteMix.Read(json, findings),
            StatesPareto = json.Has("pareto"),
        };
        double variants = axes.Aggregate(1.0, (product, axis) => product * axis.Count);
        string remedy = mostVariants < MostSearched && variants <= MostSearched ? "; --optimise finds the best of more" : "";
        return variants <= mostVariants
            ? sweep
            : throw json["axes"].Complaint(string.Create(CultureInfo.InvariantCulture, $"axes whose product is at most {mostVariants:N0} variants, not {variants:N0}{remedy}"));
    }

    /// <summary>A mark that changes with anything that decides the results.</summary>
    /// <param name="documents">Every document that the sweep read.</param>
    /// <param name="options">Options that decide them.</param>
    public static string Fingerprint(IEnumerable<string> documents, params ReadOnlySpan<string> options)
    {
        // It tells slips, not attacks: a cryptographic one would load the system's library of them, which takes longer than a small sweep's reading.
        XxHash128 hash = new();
        foreach (string option in options)
        {
            hash.Append(System.Text.Encoding.UTF8.GetBytes($"{option}\0"));
        }

        foreach (string document in documents)
        {
            hash.Append(System.Text.Encoding.UTF8.GetBytes(document));
            hash.Append([0]);
        }

        return Convert.ToHexStringLower(hash.GetCurrentHash());
    }

    /// <summary>A place that two axes, or derived numbers, write has no value of its own.</summary>
    private static void RefuseOverlaps(JsonValue source, AxisTarget[] targets)
    {
        SweepPath[] paths = Array.ConvertAll(targets, target => target.Path);
        for (int first = 0; first < paths.Length; first++)
        {
            for (int second = first + 1; second < paths.Length; second++)
            {
                if (paths[first].Overlaps(paths[second]))
                {
                    throw new ConfigurationException(
                        $"{source.File}: axes: found {paths[first].Text} and {paths[second].Text}, which are one place; expected each place once");
                }
            }
        }
    }

    private static SweepAxis[] Combine(JsonObject json, SweepAxis[] axes)
    {
        Dictionary<string, bool> words = new() { ["product"] = false, ["zip"] = true };
        if (!json.Has("combine") || !json["combine"].Word("how the axes combine", words))
        {
            return axes;
        }

        if (axes.FirstOrDefault(axis => axis.Count != axes[0].Count) is { } other)
        {
            throw new ConfigurationException(
                $"{json["axes"].File}: axes: found {axes[0].Count} steps of {axes[0].Label} and {other.Count} of {other.Label}; expected axes of one length to zip");
        }

        List<AxisColumn> columns = [];
        List<AxisTarget> targets = [];
        foreach (SweepAxis axis in axes)
        {
            targets.AddRange(axis.Targets.Select(target => target with { Column = target.Column + columns.Count }));
            columns.AddRange(axis.Columns);
        }

        return [new SweepAxis(string.Join(" & ", axes.Select(axis => axis.Label)), columns, targets)];
    }

    private static string RuntimePath(JsonValue value, string folder)
    {
        string name = value.Text("the path of the runtime file that every variant starts from");
        string beside = Path.Combine(folder, name);
        string found = InputFile.Exists(name) ? name : beside;
        return InputFile.Exists(found)
            ? found
            : throw value.Complaint("the path of a runtime file, from the working directory or the sweep file's folder; there is no such file");
    }

    private static string? Expression(JsonObject json, string key) => json.Has(key) ? json[key].Text("an expression, such as 0.02 * hbm_gib + 1.5") : null;

    private static Objective[] Objectives(JsonObject json, Findings findings)
    {
        if (!json.Has("pareto"))
        {
            return json.Has("cost") ? [new Objective("tokens_per_second_per_card", true), new Objective("cost", false)] : [];
        }

        const string Expected = "objectives: a list of two or more of {\"maximise\": field} and {\"minimise\": field}";
        JsonValue[] items = json["pareto"].Items(Expected);
        if (items.Length < 2)
        {
            throw json["pareto"].Complaint(Expected);
        }

        Objective[] objectives = Array.ConvertAll(items, item =>
        {
            JsonObject objective = JsonObject.Of(item, Expected).Know(findings, "maximise", "minimise");
            string[] keys = [.. objective.Keys];
            return keys.Length == 1
                ? new Objective(objective[keys[0]].Text("a column of the result"), keys[0] == "maximise")
                : throw item.Complaint("one of maximise and minimise");
        });
        return objectives.Select(objective => objective.Field).Distinct().Count() == objectives.Length
            ? objectives
            : throw json["pareto"].Complaint("objectives of different columns");
    }

    private static string Result(JsonObject json)
    {
        if (!json.Has("result"))
        {
            return "sweep_result.csv";
        }

        string name = json["result"].Text("the result's name");
        if (DerivedNames.Contains(name))
        {
            throw json["result"].Complaint("a name that no other file of a sweep has");
        }

        return Path.GetFileName(name) == name && Array.Exists(ResultEndings, ending => name.EndsWith(ending, StringComparison.Ordinal))
            ? name
            : throw json["result"].Complaint("a file name that ends in .csv, .csv.gz or .parquet");
    }
}
