using System.Globalization;
using nietras.SeparatedValues;

namespace FastSim.Cli.Configuration;

/// <summary>Reads the axes of a sweep file (docs/sweeps.md, "Axes").</summary>
internal static class AxisReader
{
    private const int MostSteps = 1_000_000;
    private const double StepRoom = 1e-9;
    private const int MostPlaces = 1000;

    private static readonly string[] LineEnds = ["\r\n", "\n", "\r"];

    private static readonly string[] Forms = ["values", "range", "log2", "geometric", "pair"];

    /// <summary>Reads an axis.</summary>
    /// <param name="item">The axis.</param>
    /// <param name="folder">Folder that a table's path is resolved against after the working directory.</param>
    /// <param name="findings">Where to put warnings.</param>
    public static SweepAxis Read(JsonValue item, string folder, Findings findings)
    {
        JsonObject json = JsonObject.Of(item, "an axis: an object").Know(findings, ["name", "path", "link", "table", .. Forms]);
        if (json.Has("table"))
        {
            foreach (string key in json.Keys.Where(key => key != "table"))
            {
                throw json[key].Complaint("nothing: a table names its places in its header");
            }

            return Table(json["table"], folder);
        }

        string[] forms = [.. Forms.Where(json.Has)];
        if (forms.Length != 1)
        {
            string found = forms.Length == 0 ? "no values" : string.Join(" and ", forms);
            throw ConfigurationException.At(item.File, item.Path, found, $"one of {string.Join(", ", Forms)}, or a table");
        }

        List<(SweepPath Path, double Factor)> places = Places(json, findings);
        if (places.Count == 0 && !json.Has("name"))
        {
            throw item.Complaint("a path, a link of several, or a name by which derived numbers and expressions use it");
        }

        string name = json.Has("name") ? json["name"].Text("the axis's name") : places[0].Path.Text;
        return forms[0] == "pair" ? Pair(json["pair"], json.Has("name") ? name : null, places) : new SweepAxis(
            name,
            [new AxisColumn(name, Values(json[forms[0]], forms[0]))],
            [.. places.Select(place => new AxisTarget(place.Path, 0, place.Factor))]);
    }

    /// <summary>The places that an axis or a derived number drives: its path, and its links.</summary>
    /// <param name="json">The axis, or the number.</param>
    /// <param name="findings">Where to put warnings.</param>
    public static List<(SweepPath Path, double Factor)> Places(JsonObject json, Findings findings)
    {
        List<(SweepPath Path, double Factor)> places = json.Has("path") ? [(SweepPath.Read(json["path"]), 1)] : [];
        foreach (JsonValue link in json.Has("link") ? json["link"].Items("places that it drives: a list of {\"path\", \"factor\"}", MostPlaces) : [])
        {
            JsonObject linked = JsonObject.Of(link, "a place: {\"path\", \"factor\"}").Know(findings, "path", "factor");
            places.Add((SweepPath.Read(linked["path"]), linked.Number("factor", NumberRule.Any, missing: 1)));
        }

        return places;
    }

    private static double?[] Values(JsonValue value, string form) => form switch
    {
        "range" => Range(value),
        "log2" => PowersOfTwo(value),
        "geometric" => Geometric(value),
        _ => Array.ConvertAll(value.Items("a list of numbers"), Number),
    };

    private static double? Number(JsonValue value) => value.Element.ValueKind == System.Text.Json.JsonValueKind.Null ? null : value.Number(NumberRule.Any);

    private static double?[] Range(JsonValue value)
    {
        JsonValue[] parts = value.Tuple(3, "[start, end, step]");
        double start = parts[0].Number(NumberRule.Any);
        double end = parts[1].Number(NumberRule.Any);
        double step = parts[2].Number(NumberRule.Any);
        double steps = Math.Floor(((end - start) / step) + StepRoom);
        if (!(steps is >= 0 and < MostSteps))
        {
            throw value.Complaint($"[start, end, step] that leads from start to end in fewer than {MostSteps} steps");
        }

        double?[] values = new double?[(int)steps + 1];
        for (int index = 0; index < values.Length; index++)
        {
            values[index] = start + (index * step);
        }

        return values;
    }

    private static double?[] PowersOfTwo(JsonValue value)
    {
        JsonValue[] parts = value.Tuple(2, "[start, end]: start, doubled while it does not exceed end");
        double start = parts[0].Number(NumberRule.Positive);
        double end = parts[1].Number(NumberRule.Positive);
        if (end < start)
        {
            throw value.Complaint("[start, end] with the smaller first");
        }

        List<double?> values = [];
        for (double number = start; number <= end; number *= 2)
        {
            values.Add(number);
        }

        return [.. values];
    }

    private static double?[] Geometric(JsonValue value)
    {
        JsonValue[] parts = value.Tuple(3, "[start, end, count]");
        double start = parts[0].Number(NumberRule.Positive);
        double end = parts[1].Number(NumberRule.Positive);
        int count = parts[2].Integer(2, MostSteps);
        double?[] values = new double?[count];
        for (int index = 0; index < count; index++)
        {
            values[index] = index == count - 1 ? end : start * Math.Pow(end / start, (double)index / (count - 1));
        }

        return values;
    }

    /// <summary>Values of a pair such as <c>[TTFT, TPOT]</c>, which move together.</summary>
    private static SweepAxis Pair(JsonValue value, string? name, List<(SweepPath Path, double Factor)> places)
    {
        JsonValue[][] pairs = Array.ConvertAll(value.Items("a list of pairs"), item => item.Tuple(2, "a pair of numbers, null for none"));
        string? last = places.Count > 0 ? places[0].Path.Steps.OfType<string>().Last() : null;
        (string first, string second) = (name, last) switch
        {
            (null, "time_limit_list") => ("ttft_limit_ms", "tpot_limit_ms"),
            _ => ($"{name ?? places[0].Path.Text}_0", $"{name ?? places[0].Path.Text}_1"),
        };
        return new SweepAxis(
            name ?? places[0].Path.Text,
            [
                new AxisColumn(first, Array.ConvertAll(pairs, pair => Number(pair[0]))),
                new AxisColumn(second, Array.ConvertAll(pairs, pair => Number(pair[1]))),
            ],
            [.. places.SelectMany(place => new[] { new AxisTarget(place.Path.Item(0), 0, place.Factor), new AxisTarget(place.Path.Item(1), 1, place.Factor) })]);
    }

    /// <summary>Explicit variants: a CSV whose header names places and whose rows are variants.</summary>
    private static SweepAxis Table(JsonValue value, string folder)
    {
        string name = value.Text("the path of a CSV of variants");
        string file = File.Exists(name) ? name : Path.Combine(folder, name);
        if (!File.Exists(file))
        {
            throw value.Complaint("the path of a CSV of variants, from the working directory or the sweep file's folder; there is no such file");
        }

        string content = InputFile.Text(file, InputForm.Csv);
        return ForeignParser.Run(file, "a CSV of as many cells in every row", () => Variants(file, content));
    }

    private static SweepAxis Variants(string file, string content)
    {
        // Lines without anything on them are no variants.
        string text = string.Join('\n', content.Split(LineEnds, StringSplitOptions.None).Where(line => line.Trim().Length > 0));
        using SepReader csv = CsvText.Open(file, text, options => options with { Unescape = true, Trim = SepTrim.Outer });
        string[] names = [.. csv.Header.ColNames.Select(name => name.Trim())];
        if (names.GroupBy(name => name).FirstOrDefault(group => group.Count() > 1) is { } twice)
        {
            throw new ConfigurationException($"{file}: header: found {twice.Key} twice; expected each place once");
        }

        SweepPath[] paths = Array.ConvertAll(names, column => SweepPath.Parse(column)
            ?? throw new ConfigurationException($"{file}: header: found {column}; expected a path such as system.mem1.GiB"));
        List<double?>[] columns = [.. names.Select(_ => new List<double?>())];
        foreach (SepReader.Row row in csv)
        {
            for (int column = 0; column < names.Length; column++)
            {
                ReadOnlySpan<char> cell = row[column].Span.Trim();
                columns[column].Add(cell.IsEmpty ? null : Cell(cell, file, row.LineNumberFrom, names[column]));
            }
        }

        return columns.Length > 0 && columns[0].Count > 0
            ? new SweepAxis(
                Path.GetFileName(file),
                [.. names.Select((column, index) => new AxisColumn(column, [.. columns[index]]))],
                [.. paths.Select((path, index) => new AxisTarget(path, index, 1))])
            {
                Table = file,
            }
            : throw new ConfigurationException($"{file}: found no variant; expected rows below the header");
    }

    private static double Cell(ReadOnlySpan<char> cell, string file, int line, string column) =>
        double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && double.IsFinite(number)
            ? number
            : throw new ConfigurationException($"{file}: line {line}: {column}: found {cell}; expected a number");
}
