using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Fuzz.Tests;

/// <summary>Runtimes, with whatever they name.</summary>
internal sealed class RuntimeFormat : FuzzFormat
{
    private static readonly string[] Files = ["fusion.json", "split.json"];

    /// <inheritdoc/>
    public override string Name => "runtime";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder) => CopyInputs(folder);

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        string name = Files[random.Next(Files.Length)];
        File.WriteAllBytes(
            folder.PathOf("runtime.json"), JsonMutations.Apply(random, File.ReadAllText(Repository.PathOf("tests", "cli", "inputs", name))));
        string[] more = random.Next(3) switch
        {
            0 => ["--json"],
            1 => ["--allow-unknown", "--accounting", "physical"],
            _ => ["-q"],
        };
        return new FuzzCommand(["run", "-c", folder.PathOf("runtime.json"), "-o", folder.PathOf("out"), .. more], "out/*.csv");
    }
}

/// <summary>Models in the seed's form.</summary>
internal sealed class ModelFormat : FuzzFormat
{
    private static readonly string[] Files = ["dense.json", "experts.json"];

    /// <inheritdoc/>
    public override string Name => "model";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder) => CopyInputs(folder);

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        string name = Files[random.Next(Files.Length)];
        CopyInputs(folder);
        File.WriteAllBytes(folder.PathOf(name), JsonMutations.Apply(random, File.ReadAllText(Repository.PathOf("tests", "cli", "inputs", name))));
        return random.Next(4) switch
        {
            0 => new FuzzCommand(["model", "show", folder.PathOf(name), .. AsJson(random)]),
            1 => new FuzzCommand(["run", "-c", folder.PathOf("split.json"), "-o", folder.PathOf("out"), "--allow-unknown"], "out/*.csv"),
            _ => new FuzzCommand(["run", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out"), "-q", "--accounting", "physical"], "out/*.csv"),
        };
    }
}

/// <summary>Published configurations, with their quantization beside them.</summary>
internal sealed class PublishedFormat : FuzzFormat
{
    private const string Quantization = """
        {
          "producer": {"name": "modelopt", "version": "0.23.0"},
          "quantization": {
            "quant_algo": "NVFP4", "kv_cache_quant_algo": "FP8", "group_size": 16, "exclude_modules": ["lm_head", "model.layers.0.self_attn*"],
            "quantized_layers": {"model.layers.1.mlp.down_proj": {"quant_algo": "FP8"}}
          }
        }
        """;

    /// <inheritdoc/>
    public override string Name => "published";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder) => Directory.CreateDirectory(folder.PathOf("toy--model"));

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        string config = PublishedConfigs.All[random.Next(PublishedConfigs.All.Count)];
        bool spoilsQuantization = random.Next(4) == 0;
        folder.Write(Path.Combine("toy--model", "config.json"), config);
        if (!spoilsQuantization)
        {
            // A document model knows no infinity, which one configuration has; mutations write it now and then.
            File.WriteAllBytes(folder.PathOf("toy--model", "config.json"), JsonMutations.Apply(random, config.Replace("Infinity", "1e9", StringComparison.Ordinal)));
        }

        string beside = folder.PathOf("toy--model", "hf_quant_config.json");
        if (spoilsQuantization)
        {
            File.WriteAllBytes(beside, JsonMutations.Apply(random, Quantization));
        }
        else
        {
            File.Delete(beside);
        }

        return random.Next(3) == 0
            ? new FuzzCommand(["model", "convert", folder.PathOf("toy--model"), "-o", folder.PathOf("converted.json")], "converted.json")
            : new FuzzCommand(["model", "show", folder.PathOf("toy--model"), .. AsJson(random)]);
    }
}

/// <summary>Systems.</summary>
internal sealed class SystemFormat : FuzzFormat
{
    private string chip = "";

    /// <inheritdoc/>
    public override string Name => "system";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder)
    {
        CopyInputs(folder);
        chip = File.ReadAllText(Repository.PathOf("tests", "cli", "inputs", "chip.json"));
    }

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        File.WriteAllBytes(folder.PathOf("chip.json"), JsonMutations.Apply(random, chip));
        return random.Next(3) switch
        {
            0 => new FuzzCommand(["system", "show", folder.PathOf("chip.json"), "--accounting", "physical", .. AsJson(random)]),
            1 => new FuzzCommand(["run", "-c", folder.PathOf("split.json"), "-o", folder.PathOf("out"), "-q"], "out/*.csv"),
            _ => new FuzzCommand(["run", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out"), "--json", "--accounting", "physical"], "out/*.csv"),
        };
    }
}

/// <summary>Sweep files, tables of variants among them.</summary>
internal sealed class SweepFormat : FuzzFormat
{
    private const string Sweep = """
        {"runtime": "fusion.json", "output": "out", "combine": "product", "axes": [
          {"name": "gib", "path": "system.mem1.GiB", "values": [1, 2]},
          {"name": "link", "path": "system.networks[0].bandwidth", "geometric": [10, 1000, 3], "link": [{"path": "system.mem1.GBps", "factor": 2}]},
          {"path": "runtime.time_limit_list[0]", "pair": [[null, 50], [100, 20]]},
          {"path": "model.num_blocks", "range": [2, 4, 2]},
          {"path": "system.static_latency", "log2": [1e-6, 4e-6]}],
         "filter": "gib > 0 and link < 1e6", "cost": "gib * 2 + Log10(link)", "score": "tokens_per_second_per_card / cost", "best": 2,
         "pareto": [{"maximise": "tokens_per_second"}, {"minimise": "cost"}], "result": "rows.csv", "report": true}
        """;

    /// <inheritdoc/>
    public override string Name => "sweep";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder)
    {
        CopyInputs(folder);
        folder.Write("fusion.json", File.ReadAllText(folder.PathOf("fusion.json")).Replace("[\"dense.json\", \"experts.json\"]", "[\"dense.json\"]", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        string text = Sweep;
        if (random.Next(5) == 0)
        {
            string table = CsvMutations.Apply(random, "system.mem1.GiB,system.networks[0].latency\n1,1e-6\n2,2e-6\n");
            File.WriteAllBytes(folder.PathOf("table.csv"), System.Text.Encoding.UTF8.GetBytes(table));
            text = """{"runtime": "fusion.json", "output": "out", "axes": [{"table": "table.csv"}], "cost": "1"}""";
            folder.Write("sweep.json", text);
        }
        else
        {
            byte[] spoilt = JsonMutations.Apply(random, text);
            while (IsLong(spoilt))
            {
                spoilt = JsonMutations.Apply(random, text);
            }

            File.WriteAllBytes(folder.PathOf("sweep.json"), spoilt);
        }

        string[] more = random.Next(3) == 0 ? ["--json"] : ["-q", "--plots", "--threads", "1"];
        return new FuzzCommand(
            ["sweep", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"), "--restart", .. more], "out/*.csv", "out/*.html", "out/*.parquet", "out/*.gz");
    }

    /// <summary>Whether a sweep has more variants than a test has time for, and fewer than are refused: that takes long because it was asked to.</summary>
    private static bool IsLong(byte[] sweep)
    {
        const double Many = 3000;
        try
        {
            using JsonDocument document = JsonDocument.Parse(sweep);
            double variants = 1;
            foreach (JsonElement axis in document.RootElement.GetProperty("axes").EnumerateArray())
            {
                variants *= Steps(axis);
            }

            return variants > Many;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException or FormatException)
        {
            return false;
        }
    }

    private static double Steps(JsonElement axis)
    {
        double[] Numbers(string form) => [.. axis.GetProperty(form).EnumerateArray().Select(number => number.GetDouble())];
        if (axis.TryGetProperty("range", out _) && Numbers("range") is [var start, var end, var step])
        {
            return Math.Max(1, Math.Abs((end - start) / step));
        }

        if (axis.TryGetProperty("geometric", out _) && Numbers("geometric") is [_, _, var count])
        {
            return Math.Max(1, count);
        }

        if (axis.TryGetProperty("log2", out _) && Numbers("log2") is [var least, var most])
        {
            return Math.Max(1, Math.Log2(most / least));
        }

        return axis.TryGetProperty("values", out JsonElement values) ? values.GetArrayLength() : axis.TryGetProperty("pair", out JsonElement pairs) ? pairs.GetArrayLength() : 1;
    }
}

/// <summary>Expressions of sweeps.</summary>
internal sealed class ExpressionFormat : FuzzFormat
{
    private static readonly string[] Names = ["gib", "tokens_per_second", "variant", "nothing", "[gib]", "cost", "true", "pi"];

    private static readonly string[] Functions =
        ["Abs", "Sqrt", "Log", "Log10", "Pow", "Min", "Max", "Round", "Floor", "Exp", "if", "in", "Sign", "Truncate", "IEEERemainder", "Nothing"];

    private static readonly string[] Operators =
        ["+", "-", "*", "/", "%", "**", "<", ">", "<=", "==", "!=", "<>", "and", "or", "&&", "||", "^", "&", "<<", "in", "like", "?", ":", ",", "=", "=>"];

    /// <inheritdoc/>
    public override string Name => "expression";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder)
    {
        CopyInputs(folder);
        folder.Write("fusion.json", File.ReadAllText(folder.PathOf("fusion.json")).Replace("[\"dense.json\", \"experts.json\"]", "[\"dense.json\"]", StringComparison.Ordinal));
    }

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        string expression = random.Next(12) switch
        {
            0 => string.Join('+', Enumerable.Repeat("gib", random.Next(1, 60_000))),
            1 => string.Concat(Enumerable.Repeat(random.Next(3) switch { 0 => "(", 1 => "!", _ => "-" }, random.Next(1, 20_000))) + "gib",
            2 => string.Concat(Enumerable.Repeat("gib>1?1:", random.Next(1, 3000))) + "2",
            3 => string.Concat(Enumerable.Repeat(Functions[random.Next(Functions.Length)] + "(", random.Next(1, 500))) + "1" + new string(')', random.Next(1, 500)),
            4 => string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => (char)random.Next(32, 127))),
            _ => Term(random, random.Next(1, 6)),
        };
        string key = random.Next(3) switch { 0 => "filter", 1 => "cost", _ => "score" };
        string text = JsonSerializer.Serialize(expression);
        folder.Write(
            "sweep.json",
            $$"""{"runtime": "fusion.json", "output": "out", "axes": [{"name": "gib", "path": "system.mem1.GiB", "values": [1, 2, 4]}], "report": false, "{{key}}": {{text}}}""");
        return new FuzzCommand(
            ["sweep", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"), "--restart", "-q", "--threads", "1"], "out/*.csv");
    }

    private static string Term(Random random, int depth)
    {
        if (depth == 0 || random.Next(6) == 0)
        {
            return random.Next(3) switch
            {
                0 => Words.Number(random),
                1 => Names[random.Next(Names.Length)],
                _ => string.Create(CultureInfo.InvariantCulture, $"{random.NextDouble() * 100}"),
            };
        }

        return random.Next(5) switch
        {
            0 => $"{Functions[random.Next(Functions.Length)]}({string.Join(", ", Enumerable.Range(0, random.Next(1, 4)).Select(_ => Term(random, depth - 1)))})",
            1 => $"({Term(random, depth - 1)})",
            2 => $"{(random.Next(2) == 0 ? "-" : "not ")}{Term(random, depth - 1)}{(random.Next(8) == 0 ? "!" : "")}",
            _ => $"{Term(random, depth - 1)} {Operators[random.Next(Operators.Length)]} {Term(random, depth - 1)}",
        };
    }
}
