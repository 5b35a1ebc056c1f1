using System.Globalization;

namespace FastSim.Cli.Tests;

/// <summary>Random design spaces, as an architect might state them: rates, derived numbers, prices, filters, scores and suites.</summary>
/// <param name="random">Where they come from.</param>
internal sealed class RandomSpaces(Random random)
{
    private static readonly string[] Systems = ["systems/SOW-U1-POR.json", "systems/other.json"];

    private readonly List<string> axes = [];
    private readonly List<string> derive = [];

    /// <summary>Variants of the last space.</summary>
    public long Variants { get; private set; }

    /// <summary>What of the last space was drawn.</summary>
    public HashSet<string> Drawn { get; } = [];

    /// <summary>Writes a runtime of one or two jobs.</summary>
    public string Runtime()
    {
        string models = Chance(0.3) ? """ "models/deepseek_v3_flash_mla_absorb.json", "models/qwen3_32b_flash.json" """ : Chance(0.5) ? """ "models/qwen3_32b_flash.json" """ : """ "models/deepseek_v3_flash_mla_absorb.json" """;
        string limit = Pick("[null, 50]", "[null, 30]", "[null, null]", "[2000, 60]", "[null, 400]");
        string common = $$"""
            "model_list": [{{models}}], "sequence_length_list": [[4096, 1024]], "wac_bytes_list": [[0.5, 0.5, 1, 1]],
            "flops_type_list": [["float4", "float8", "float4"]], "time_limit_list": [{{limit}}], "output": "out"{{(Chance(0.3) ? """, "accounting": "physical", "timing": "roofline" """ : "")}}
            """;
        string mode = Pick("decode", "fusion", "split", "free");
        Drawn.Add(mode);
        string first = Pick(Systems);
        return mode == "fusion"
            ? $$"""{"pd-fusion": {"num_procs_list": [16], "sys_list": ["{{first}}"], {{common}} } }"""
            : $$"""
                {"pd-split-request-optimal": {"num_procs_list": [{{(mode == "free" ? 12 : 32)}}], {{(mode == "decode" ? "\"pd_num_procs_list\": [[0, 32]]," : mode == "split" ? "\"pd_num_procs_list\": [[16, 16], [8, 24]]," : "")}}
                "sys_list": [["{{Pick(Systems)}}", "{{first}}"]], {{common}} } }
                """;
    }

    /// <summary>Writes a sweep of that runtime.</summary>
    /// <param name="jobs">Jobs of the runtime.</param>
    /// <param name="most">Variants at most.</param>
    /// <param name="output">Its folder.</param>
    public string Sweep(int jobs, long most, string output)
    {
        axes.Clear();
        derive.Clear();
        Variants = 1;
        List<string> numbers = [];
        Func<string>[] kinds =
        [
            () => Rate("gib", "system.mem1.GiB", 24, 200),
            () => Rate("gbps", "system.mem1.GBps", 1000, 12000),
            () => Rate("fp4", "system.matrix.float4.tflops", 500, 9000),
            () => Rate("link", "decode.system.networks[0].bandwidth", 50, 12000),
            () => Rate("hop", "decode.system.networks[0].latency", 1e-8, 1e-5),
            () => Rate("fp8", "system.matrix.float8.tflops", 500, 9000),
            () => Rate("price", "system.price_per_hour", 1, 9, mayBeNull: true),
            () => Rate("board", "system.board_watts", 300, 1200),
            () => Rate("prompts", "prefill.system.mem1.calibration_coefficient", 0.3, 1),
        ];
        foreach (Func<string> kind in kinds.OrderBy(_ => random.Next()).Take(random.Next(1, 4)))
        {
            numbers.Add(kind());
        }

        if (Chance(0.5) && !numbers.Contains("gbps") && !numbers.Contains("gib"))
        {
            Drawn.Add("derived rates");
            numbers.Add(Axis("stacks", null, Range(1, 8, 1)));
            numbers.Add(Axis("pins", null, Values(2, 14)));
            Derive("gib", "system.mem1.GiB", Pick("24 * stacks", "16 * stacks + 8 * Floor(stacks / 2)", "if(stacks > 4, 24, 32) * stacks"));
            Derive("gbps", "system.mem1.GBps", Pick("128 * stacks * pins", "96 * stacks * Pow(pins, 1.1)", "128 * stacks * pins / (1 + 0.02 * stacks)"));
            numbers.Add("gib");
        }

        if (Chance(0.5) && !numbers.Contains("price"))
        {
            Drawn.Add("derived price");
            string by = numbers.Count > 0 ? $"{Number(random.NextDouble() * 0.01)} * {numbers[0]}" : "1";
            string and = numbers.Count > 1 ? $" + Sqrt({numbers[^1]}) / 10" : "";
            Derive("price", "system.price_per_hour", $"0.5 + {by}{and}");
            numbers.Add("price");
        }

        if (Chance(0.25))
        {
            Drawn.Add("groups");
            numbers.Add(Axis("limit", "runtime.time_limit_list[0][1]", "\"values\": [30, 80, 45]", 3));
        }

        if (Chance(0.2) && numbers.Count > 0)
        {
            Drawn.Add("variable");
            numbers.Add(Axis("margin", null, "\"values\": [3, 1, 2]", 3));
        }

        while (Variants * 4 <= most && axes.Count < 6 && numbers.Count(number => number.StartsWith("more", StringComparison.Ordinal)) < 2)
        {
            string name = $"more{axes.Count}";
            string place = axes.Count % 2 == 0 ? "decode.system.matrix.float4.calibration_coefficient" : "decode.system.mem1.calibration_coefficient";
            if (axes.Exists(axis => axis.Contains(place, StringComparison.Ordinal)))
            {
                break;
            }

            numbers.Add(Axis(name, place, Values(0.3, 1)));
        }

        if (axes.Count == 0)
        {
            numbers.Add(Rate("gib", "system.mem1.GiB", 24, 200));
        }

        return Text(jobs, numbers, output);
    }

    private string Text(int jobs, List<string> numbers, string output)
    {
        bool hasPrice = numbers.Contains("price");
        bool needsMargin = numbers.Contains("margin");
        string margin = needsMargin ? " / margin" : "";
        string score = Pick(
            needsMargin ? "tokens_per_second_per_card / margin" : "",
            $"tokens_per_second_per_card / (10 + Abs({Pick([.. numbers])})){margin}",
            hasPrice ? $"1 / dollars_per_million_tokens{margin}" : $"tokens_per_second{margin}",
            $"requests_per_second * 10 - cost{margin}",
            $"Min(tokens_per_second_per_card, 900){margin}");
        bool isMixed = jobs > 1 && Chance(0.6);
        if (isMixed && score.Contains("- cost", StringComparison.Ordinal))
        {
            score = $"tokens_per_second_per_card / (1 + cost){margin}";
        }

        List<string> parts =
        [
            "\"runtime\": \"runtime.json\"", $"\"output\": \"{output}\"", "\"report\": false", $"\"axes\": [{string.Join(", ", axes)}]", $"\"best\": {random.Next(1, 6)}",
            $"\"cost\": \"1 + {Number(random.NextDouble())} * {Pick([.. numbers])} + 0 * tokens_per_second\"",
        ];
        parts.AddRange(derive.Count > 0 ? [$"\"derive\": [{string.Join(", ", derive)}]"] : []);
        parts.AddRange(score.Length > 0 ? [$"\"score\": \"{score}\""] : []);
        Drawn.Add(score.Length > 0 ? "score" : "no score");
        if (Chance(0.4))
        {
            Drawn.Add("filter");
            parts.Add($"\"filter\": \"{Pick([.. numbers])} * 3 < {Number(random.NextDouble() * 900)} or {Pick([.. numbers])} > {Number(random.NextDouble() * 100)}\"");
        }

        if (isMixed)
        {
            Drawn.Add("mix");
            parts.Add($$""" "mix": {"mean": "{{Pick("geometric", "harmonic", "worst")}}"{{(Chance(0.5) ? ", \"references\": [2, 30]" : "")}}} """);
        }

        if (Chance(0.7))
        {
            parts.Add($"\"pareto\": [{string.Join(", ", Front(numbers, hasPrice, score.Length > 0, isMixed))}]");
        }

        return $"{{{string.Join(", ", parts)}}}";
    }

    /// <summary>Two or three objectives, of which at least one is of what the chip serves.</summary>
    private string[] Front(List<string> numbers, bool hasPrice, bool hasScore, bool isMixed)
    {
        List<string> served = ["tokens_per_second_per_card", "tokens_per_second", "requests_per_second"];
        served.AddRange(hasScore ? ["score"] : []);
        served.AddRange(isMixed ? ["suite"] : []);
        List<string> given = ["cost", Pick([.. numbers])];
        given.AddRange(hasPrice ? ["dollars_per_million_tokens"] : []);
        string gain = Pick([.. served]);
        string[] losses = [.. given.Concat(served.Where(name => name != gain)).OrderBy(_ => random.Next()).Take(random.Next(1, 3))];
        Drawn.Add($"front of {losses.Length + 1}");
        if (losses.Append(gain).Contains("suite"))
        {
            Drawn.Add("front of a suite");
        }

        // Most of what is given is to be little, most of what is served much, and now and then the other way around.
        return
        [
            .. losses.Append(gain).OrderBy(_ => random.Next()).Select(name => served.Contains(name) != Chance(0.1)
                ? $$"""{"maximise": "{{name}}"}"""
                : $$"""{"minimise": "{{name}}"}"""),
        ];
    }

    private string Rate(string name, string path, double low, double high, bool mayBeNull = false)
    {
        string values = Values(low, high);
        return Axis(name, path, mayBeNull && Chance(0.3) ? values.Replace("[", "[null, ", StringComparison.Ordinal) : values);
    }

    private string Axis(string name, string? path, string values, int? count = null)
    {
        int steps = count ?? values.Count(letter => letter == ',') + 1;
        Variants *= steps;
        axes.Add($$"""{"name": "{{name}}"{{(path is null ? "" : $", \"path\": \"{path}\"")}}, {{values}}}""");
        return name;
    }

    private void Derive(string name, string path, string value) => derive.Add($$"""{"name": "{{name}}", "path": "{{path}}", "value": "{{value}}"}""");

    private string Values(double low, double high)
    {
        int count = random.Next(2, 9);
        string[] values = [.. Enumerable.Range(0, count).Select(_ => Number(low * Math.Pow(high / low, random.NextDouble())))];
        if (Chance(0.7))
        {
            Array.Sort(values, (left, right) => double.Parse(left, CultureInfo.InvariantCulture).CompareTo(double.Parse(right, CultureInfo.InvariantCulture)));
        }

        return $"\"values\": [{string.Join(", ", values)}]";
    }

    private static string Range(int first, int last, int step) => $"\"values\": [{string.Join(", ", Enumerable.Range(0, ((last - first) / step) + 1).Select(index => first + (index * step)))}]";

    private static string Number(double number) => number.ToString("G6", CultureInfo.InvariantCulture);

    private bool Chance(double share) => random.NextDouble() < share;

    private T Pick<T>(params T[] values) => values[random.Next(values.Length)];
}
