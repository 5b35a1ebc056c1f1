using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Learned efficiencies from the outside: any model that keeps the contract, and what is said of those that do not.</summary>
public sealed class SurrogateTests
{
    private static readonly (string, string)[] FirstContract = [("fastsim.features", "1"), ("fastsim.range.Product", "0.1 1 0 9")];

    private static readonly (string, string)[] SecondContract =
        [("fastsim.features", "2.4"), ("fastsim.range.Product", "-20 60 0 60"), ("fastsim.beyond.Product", "0.25")];

    /// <summary>
    /// 16-bit products of tiny-chip by hand: 10e12 FLOP/s and 100e9 bytes/s at the peaks in physical accounting. The model says efficiency 0.5
    /// and 3 us for every product, so each takes twice its roofline and 3 us, at a batch of 16, a point of the grid. The operator table's bytes
    /// are those of the product, weights (n·k), input (16·k) and output (16·n) of 2 bytes each, but for qkv_projection, which moves 3·64 + 96
    /// activations a row by the cost model: its product is 96 by 64, 17,408 bytes.
    /// </summary>
    [Fact]
    public void A_model_made_by_hand_plugs_in()
    {
        using SurrogateFiles files = new();
        files.Write("model.onnx", new HandmadeOnnx());
        FastSimProgram.Outcome outcome = files.Run("--efficiency-model", files.PathOf("model.onnx"));
        Assert.Equal(0, outcome.ExitCode);
        CsvTable details = CsvTable.Load(Directory.EnumerateFiles(files.PathOf("out", "op_details")).Single());
        int products = 0;
        for (int row = 0; row < details.Rows.Count; row++)
        {
            double Number(string column) => double.Parse(Cell(details, row, column), CultureInfo.InvariantCulture);
            if (Cell(details, row, "class") == "ffn")
            {
                double bytes = Cell(details, row, "name") == "qkv_projection" ? 17_408 : Number("bytes");
                double roofline = Math.Max(Number("flops") / 10e12, bytes / 100e9);
                Assert.Equal((2 * roofline) + 3e-6, Number("process_time"), 1e-6 * roofline);
                products++;
            }
            else if (Cell(details, row, "name") == "softmax")
            {
                // The model does not know attention: tables hold, at the coefficient.
                Assert.Equal(Number("flops") / (1e12 * 0.5), Number("flops_time"), 1e-12);
            }
        }

        Assert.Equal(5, products);
        Assert.Contains("operators, or on chips, beyond its training (run_0)", outcome.Output, StringComparison.Ordinal);
        CsvTable result = CsvTable.Load(files.PathOf("out", "pd-split-request-optimal_result_best.csv"));
        Assert.Equal("beyond training", result.Rows.Single(row => row[0] == "decoder_efficiency_model")[1]);
    }

    /// <summary>By the second contract a model says the logarithm of microseconds: ln 5 = 1.6094379, so that every product takes 5 us, or its roofline where that is longer.</summary>
    [Fact]
    public void A_model_of_the_second_contract_says_times()
    {
        using SurrogateFiles files = new();
        files.Write("model.onnx", new HandmadeOnnx { Efficiency = 1.6094379f, FloorMicroseconds = 0.3f, Metadata = SecondContract });
        FastSimProgram.Outcome outcome = files.Run("--efficiency-model", files.PathOf("model.onnx"));
        Assert.Equal(0, outcome.ExitCode);
        CsvTable details = CsvTable.Load(Directory.EnumerateFiles(files.PathOf("out", "op_details")).Single());
        int products = 0;
        for (int row = 0; row < details.Rows.Count; row++)
        {
            double Number(string column) => double.Parse(Cell(details, row, column), CultureInfo.InvariantCulture);
            if (Cell(details, row, "class") == "ffn")
            {
                Assert.Equal(Math.Max(5e-6, Math.Max(Number("flops") / 10e12, Number("bytes") / 100e9)), Number("process_time"), 1e-11);
                products++;
            }
        }

        Assert.Equal(5, products);

        // Its half width of 0.3 is above the 0.25 that it calls the most it was trained among.
        Assert.Contains("beyond its training (run_0)", outcome.Output, StringComparison.Ordinal);
        files.Write("model.onnx", new HandmadeOnnx { Efficiency = 1.6094379f, FloorMicroseconds = 0.2f, Metadata = SecondContract });
        Assert.DoesNotContain("beyond its training", files.Run("--efficiency-model", files.PathOf("model.onnx")).Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// A model that says 5 us of everything, within a factor of e^20 or of e^0: all measured products lie within the first interval, none within the second, whatever they took. A model that
    /// knows no family of what was measured is refused.
    /// </summary>
    [Fact]
    public void Any_model_is_judged_on_a_chips_operators()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        FastSimProgram.Outcome Judge(HandmadeOnnx model, params string[] options)
        {
            files.Write("model.onnx", model);
            return FastSimProgram.Run(
            [
                "surrogate", "judge", "--model", files.PathOf("model.onnx"), "--ops", files.PathOf("gemm_perf.parquet"), "--system", files.TimedChip, .. options,
            ]);
        }

        JsonElement[] Errors(HandmadeOnnx model)
        {
            FastSimProgram.Outcome outcome = Judge(model, "--json");
            Assert.Equal("", outcome.Error);
            using JsonDocument json = JsonDocument.Parse(outcome.Output);
            return [.. json.RootElement.GetProperty("operators").Clone().EnumerateArray()];
        }

        JsonElement[] wide = Errors(new HandmadeOnnx { Efficiency = 1.6094379f, FloorMicroseconds = 20, Metadata = SecondContract });
        Assert.Equal(
            ["H100_SXM Product", "bfloat16", .. Enumerable.Range(1, 10).Select(decile => $"decile {decile}")],
            wide.Select(group => group.GetProperty("group").GetString()!.Split(':')[0]));
        Assert.Equal(324, wide[0].GetProperty("rows").GetInt32());
        Assert.All(wide, group => Assert.Equal(1, group.GetProperty("withinInterval").GetDouble()));
        Assert.Equal(324, wide[0].GetProperty("calibratedRows").GetInt32());
        Assert.Equal(0, wide[0].GetProperty("carriedRows").GetInt32());
        Assert.All(
            Errors(new HandmadeOnnx { Efficiency = 1.6094379f, FloorMicroseconds = 0, Metadata = SecondContract }),
            group => Assert.Equal(0, group.GetProperty("withinInterval").GetDouble()));
        Assert.All(Errors(new HandmadeOnnx()), group => Assert.False(group.TryGetProperty("withinInterval", out _)));
        Assert.Contains("H100_SXM Product", Judge(new HandmadeOnnx(), "--carried-from", Repository.PathOf("data", "systems", "B200.json")).Output, StringComparison.Ordinal);
        FastSimProgram.Outcome other = Judge(new HandmadeOnnx { Metadata = [("fastsim.features", "1"), ("fastsim.range.Experts", "0.1 1 0 10")] });
        Assert.Equal(2, other.ExitCode);
        Assert.EndsWith("knows; expected some of Experts", other.Error.Trim(), StringComparison.Ordinal);
        FastSimProgram.Outcome wrong = Judge(new HandmadeOnnx { Efficiency = 2 });
        Assert.Equal(2, wrong.ExitCode);
        Assert.Contains("Product: found answers of 2 and 3; expected 0.1 to 1 and 0 to 10", wrong.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_runtime_and_a_system_may_name_it_and_the_command_line_goes_first()
    {
        using SurrogateFiles files = new();
        files.Write("slow.onnx", new HandmadeOnnx { Efficiency = 0.2f });
        files.Write("fast.onnx", new HandmadeOnnx { Efficiency = 0.9f });
        double Rate(string runtimeKey, string systemKey, params string[] options)
        {
            files.WriteRuntime(runtimeKey);
            files.WriteSystem(systemKey);
            Assert.Equal(0, files.Run(options).ExitCode);
            CsvTable result = CsvTable.Load(files.PathOf("out", "pd-split-request-optimal_result_best.csv"));
            return double.Parse(result.Rows.Single(row => row[0] == "decoder_throughput(token/s)")[1], CultureInfo.InvariantCulture);
        }

        const string Slow = """, "efficiency_model": "slow.onnx" """;
        const string Fast = """, "efficiency_model": "fast.onnx" """;
        double slow = Rate(Slow, "");
        double fast = Rate(Fast, "");
        Assert.True(fast > slow);
        Assert.Equal(slow, Rate("", Slow));
        Assert.Equal(fast, Rate(Fast, Slow));
        Assert.Equal(slow, Rate(Fast, Fast, "--efficiency-model", files.PathOf("slow.onnx")));
        Assert.NotEqual(slow, Rate("", ""));
        CsvTable plain = CsvTable.Load(files.PathOf("out", "pd-split-request-optimal_result_best.csv"));
        Assert.DoesNotContain(plain.Rows, row => row[0].EndsWith("efficiency_model", StringComparison.Ordinal));
    }

    public static TheoryData<string, HandmadeOnnx> Broken { get; } = new()
    {
        { "input features: found rows of 31; expected 32 features a row", new HandmadeOnnx { Features = 31 } },
        { "found no input features among feature, family; expected it", new HandmadeOnnx { FeaturesName = "feature" } },
        { "input family: found Single of 1 dimensions; expected Int64 of 1", new HandmadeOnnx { FamilyType = 1 } },
        { "metadata fastsim.features: found nothing; expected 1 or 2.4", new HandmadeOnnx { Metadata = [] } },
        { "metadata fastsim.features: found 2, of an earlier FastSim", new HandmadeOnnx { Metadata = [("fastsim.features", "2")] } },
        { "metadata fastsim.features: found 2.1, of an earlier FastSim", new HandmadeOnnx { Metadata = [("fastsim.features", "2.1")] } },
        { "metadata fastsim.features: found 2.3, of an earlier FastSim", new HandmadeOnnx { Metadata = [("fastsim.features", "2.3")] } },
        { "metadata fastsim.features: found 3; expected 1 or 2.4", new HandmadeOnnx { Metadata = [("fastsim.features", "3")] } },
        { "metadata: found no fastsim.range.…; expected one of Product, ", new HandmadeOnnx { Metadata = [("fastsim.features", "1")] } },
        {
            "metadata fastsim.range.Product: found 3 numbers; expected 4",
            new HandmadeOnnx { Metadata = [("fastsim.features", "1"), ("fastsim.range.Product", "0.1 1 0")] }
        },
        {
            "metadata fastsim.range.Product: found many; expected a number",
            new HandmadeOnnx { Metadata = [("fastsim.features", "1"), ("fastsim.range.Product", "0.1 1 0 many")] }
        },
        {
            "metadata fastsim.range.Softmax: found an unknown family; expected one of Product, ",
            new HandmadeOnnx { Metadata = [("fastsim.features", "1"), ("fastsim.range.Softmax", "0.1 1 0 9")] }
        },
        {
            "metadata fastsim.form.Product.99: found an unknown form; expected one of Product, ",
            new HandmadeOnnx { Metadata = [.. SecondContract, ("fastsim.form.Product.99", "3 0.8 0.75 3 2.5 1 0.3 1")] }
        },
        {
            "metadata fastsim.form_rates: found boost; expected held, or no such line for peaks",
            new HandmadeOnnx { Metadata = [.. SecondContract, ("fastsim.form_rates", "boost")] }
        },
        {
            "metadata fastsim.form_rates: found in a model of version 1, which has no such line; expected fastsim.features to be 2.4, or the line left out",
            new HandmadeOnnx { Metadata = [.. FirstContract, ("fastsim.form_rates", "held")] }
        },
        {
            "metadata fastsim.form.Product.0: found in a model of version 1, ",
            new HandmadeOnnx { Metadata = [.. FirstContract, ("fastsim.form.Product.0", "3 0.8 0.75 3 2.5 1 0.3 1")] }
        },
        {
            "metadata fastsim.beyond.Product: found in a model of version 1, ",
            new HandmadeOnnx { Metadata = [.. FirstContract, ("fastsim.beyond.Product", "0.5")] }
        },
        {
            "metadata fastsim.timing.collective.nccl_all_reduce: found an unknown form; expected one of gemm, ",
            new HandmadeOnnx { Metadata = [.. SecondContract, ("fastsim.timing.collective.nccl_all_reduce", "7 0.01 1 60 8 1 150 20 1")] }
        },
        {
            "metadata fastsim.timing.collectives.: found an unknown form; expected one of gemm, ",
            new HandmadeOnnx { Metadata = [.. SecondContract, ("fastsim.timing.collectives.", "7 0.01 1 60 8 1 150 20 1")] }
        },
        {
            "metadata fastsim.timing.collectives.nccl_all_reduce: found 2 for low_latency_link_share; expected 0.005 to 1",
            new HandmadeOnnx { Metadata = [.. SecondContract, ("fastsim.timing.collectives.nccl_all_reduce", "7 0.01 2 60 8 1 150 20 1")] }
        },
        {
            "metadata fastsim.form.Product.0: found 7 numbers; expected 8",
            new HandmadeOnnx { Metadata = [.. SecondContract, ("fastsim.form.Product.0", "3 0.8 0.75 3 2.5 1 0.3")] }
        },
        {
            "metadata fastsim.form.Product.0: found 2 for compute_efficiency; expected 0.3 to 1",
            new HandmadeOnnx { Metadata = [.. SecondContract, ("fastsim.form.Product.0", "3 2 0.75 3 2.5 1 0.3 1")] }
        },
        {
            "metadata fastsim.range.Product: found 5 1 0 9; expected least and most logarithm of microseconds, then least and most half width from 0",
            new HandmadeOnnx { Metadata = [("fastsim.features", "2.4"), ("fastsim.range.Product", "5 1 0 9")] }
        },
        { "output timing: found rows of 3; expected 2 answers a row", new HandmadeOnnx { Answers = 3 } },
        { "inputs: found family, features, more; expected family and features alone", new HandmadeOnnx { FurtherInput = "more" } },
        { "input features: found 100000 rows, and 100000 of timing; expected as many of both, any number or up to 65536", new HandmadeOnnx { Rows = 100_000 } },
        {
            "metadata fastsim.range.Product: found 0.1 1.5 0 9; expected least and most efficiency above 0 up to 1, then least and most floor from 0",
            new HandmadeOnnx { Metadata = [("fastsim.features", "1"), ("fastsim.range.Product", "0.1 1.5 0 9")] }
        },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void A_model_that_breaks_the_contract_is_refused(string message, HandmadeOnnx model)
    {
        using SurrogateFiles files = new();
        files.Write("model.onnx", model);
        FastSimProgram.Outcome outcome = files.Run("--efficiency-model", files.PathOf("model.onnx"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"error: {files.PathOf("model.onnx")}: {message}", outcome.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(files.PathOf("out")));
    }

    [Theory]
    [InlineData(1.5f, 3f, "an efficiency of 1.5 and a floor of 3 us")]
    [InlineData(0.05f, 3f, "an efficiency of 0.05000000074505806 and a floor of 3 us")]
    [InlineData(0.5f, 30f, "an efficiency of 0.5 and a floor of 30 us")]
    [InlineData(float.NaN, 3f, "an efficiency of NaN and a floor of 3 us")]
    public void An_answer_that_it_may_not_give_names_operator_and_features(float efficiency, float floor, string found)
    {
        using SurrogateFiles files = new();
        files.Write("model.onnx", new HandmadeOnnx { Efficiency = efficiency, FloorMicroseconds = floor });
        FastSimProgram.Outcome outcome = files.Run("--efficiency-model", files.PathOf("model.onnx"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"Product: found {found}; expected 0.1", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("log2 of columns 6.58", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(".csv", string.Join(' ', FilesIn(files.PathOf("out"))), StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_is_no_model_or_not_there_is_named()
    {
        using SurrogateFiles files = new();
        File.WriteAllText(files.PathOf("model.onnx"), "no model");
        Assert.StartsWith(
            $"error: {files.PathOf("model.onnx")}: found no ONNX model that runs: ",
            files.Run("--efficiency-model", files.PathOf("model.onnx")).Error,
            StringComparison.Ordinal);
        Assert.StartsWith(
            $"error: {files.PathOf("none.onnx")}: cannot be read: ",
            files.Run("--efficiency-model", files.PathOf("none.onnx")).Error,
            StringComparison.Ordinal);
        files.WriteRuntime(""", "efficiency_model": "modell.onnx" """);
        FastSimProgram.Outcome outcome = files.Run();
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal(
            $"error: {files.PathOf("runtime.json")}: pd-split-request-optimal.efficiency_model: found \"modell.onnx\"; expected the path of an ONNX model, from the working directory or the file's folder; there is no such file; did you mean \"model.onnx\"?",
            outcome.Error.Trim());
    }

    /// <summary>The program as it is built, but without ONNX Runtime: what does not ask for it does not miss it.</summary>
    [Fact]
    public void Without_the_key_nothing_of_it_is_loaded()
    {
        using SurrogateFiles files = new();
        Directory.CreateDirectory(files.PathOf("bin"));
        foreach (string file in Directory.EnumerateFiles(AppContext.BaseDirectory))
        {
            string name = Path.GetFileName(file);
            if (name is not "Microsoft.ML.OnnxRuntime.dll" and not "fastsim.deps.json")
            {
                File.Copy(file, files.PathOf("bin", name));
            }
        }

        (int code, string error) = Start(files.PathOf("bin", "fastsim.dll"), "run", "-q", "-c", files.PathOf("runtime.json"), "-o", files.PathOf("out"));
        Assert.Equal("", error);
        Assert.Equal(0, code);
        files.Write("model.onnx", new HandmadeOnnx());
        (code, _) = Start(
            files.PathOf("bin", "fastsim.dll"), "run", "-q", "-c", files.PathOf("runtime.json"), "-o", files.PathOf("out"), "--efficiency-model", files.PathOf("model.onnx"));
        Assert.NotEqual(0, code);
    }

    [Fact]
    public void A_sweep_takes_it_and_warns_of_axes_that_it_takes_the_place_of()
    {
        using SurrogateFiles files = new();
        files.Write("model.onnx", new HandmadeOnnx());
        FastSimProgram.Outcome Sweep(string path) => FastSimProgram.Run(
            "sweep", "-q", "--restart", "-c", files.WriteSweep(path), "-o", files.PathOf("swept"), "--efficiency-model", files.PathOf("model.onnx"));
        Assert.Equal(0, Sweep("decode.system.mem1.GBps").ExitCode);
        CsvTable table = CsvTable.Load(files.PathOf("swept", "sweep_result.csv"));
        Assert.All(Enumerable.Range(0, table.Rows.Count), row => Assert.Equal("1", Cell(table, row, "decoder_beyond_training")));
        FastSimProgram.Outcome warned = FastSimProgram.Run(
            "sweep", "--restart", "-c", files.WriteSweep("decode.system.mem1.calibration_coefficient"), "-o", files.PathOf("swept"),
            "--efficiency-model", files.PathOf("model.onnx"));
        Assert.Equal(0, warned.ExitCode);
        Assert.Contains(
            "decode.system.mem1.calibration_coefficient counts only for operators that the efficiency model does not know",
            warned.Error,
            StringComparison.Ordinal);
    }

    /// <summary>
    /// Every product takes e^15 us = 3.269 s by a model whose half width is ln 2, and nothing else takes a millionth of that: at the ends of the interval a token
    /// takes half and twice as long. The interval spans a factor of 4: every answer is a guess, which the map hatches.
    /// </summary>
    [Fact]
    public void A_sweep_says_what_its_plans_lie_between_and_shades_guesses()
    {
        using SurrogateFiles files = new();
        files.Write("model.onnx", new HandmadeOnnx
        {
            Efficiency = 15,
            FloorMicroseconds = (float)Math.Log(2),
            Metadata = [("fastsim.features", "2.4"), ("fastsim.range.Product", "0 20 0 1"), ("fastsim.beyond.Product", "0.9")],
        });
        string sweep = files.PathOf("map.json");
        File.WriteAllText(
            sweep,
            """{"runtime": "runtime.json", "output": "swept", "axes": [{"path": "decode.system.mem1.GBps", "values": [90, 100]}, {"path": "decode.system.mem1.GiB", "values": [60, 70]}]}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "sweep", "--plots", "-c", sweep, "-o", files.PathOf("swept"), "--efficiency-model", files.PathOf("model.onnx"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("efficiency model: 4 of 4 answers are guesses", outcome.Output, StringComparison.Ordinal);
        CsvTable table = CsvTable.Load(files.PathOf("swept", "sweep_result.csv"));
        double Number(int row, string column) => double.Parse(Cell(table, row, column), CultureInfo.InvariantCulture);
        foreach (int row in Enumerable.Range(0, 4))
        {
            Assert.Equal("0", Cell(table, row, "decoder_beyond_training"));
            Assert.Equal(0.5, Number(row, "tpot_ms_low") / Number(row, "tpot_ms"), 1e-5);
            Assert.Equal(2, Number(row, "tpot_ms_high") / Number(row, "tpot_ms"), 1e-5);
            Assert.Equal(0.5, Number(row, "tokens_per_second_per_card_low") / Number(row, "tokens_per_second_per_card"), 1e-5);
            Assert.Equal(2, Number(row, "tokens_per_second_per_card_high") / Number(row, "tokens_per_second_per_card"), 1e-5);
            Assert.Equal("", Cell(table, row, "ttft_ms_low"));
        }

        // Two lines a cell, two in the legend.
        string map = File.ReadAllText(files.PathOf("swept", "plots", "throughput.svg"));
        Assert.Equal(10, Regex.Count(map, "class=\"guess\""));
        Assert.Contains("Hatched: the learned efficiency", File.ReadAllText(files.PathOf("swept", "report.html")), StringComparison.Ordinal);
        string page = File.ReadAllText(files.PathOf("swept", "report.html"));
        Assert.Contains(">four of five within</th>", page, StringComparison.Ordinal);
        Assert.Matches("<td>[0-9.]+ to [0-9.]+, a guess</td>", page);
    }

    /// <summary>Efficiencies have no intervals: the columns are those of a model that says times.</summary>
    [Fact]
    public void A_model_of_efficiencies_has_no_intervals()
    {
        using SurrogateFiles files = new();
        files.Write("model.onnx", new HandmadeOnnx());
        Assert.Equal(0, FastSimProgram.Run(
            "sweep", "-q", "-c", files.WriteSweep("decode.system.mem1.GBps"), "-o", files.PathOf("swept"), "--efficiency-model", files.PathOf("model.onnx")).ExitCode);
        Assert.DoesNotContain("_low", File.ReadLines(files.PathOf("swept", "sweep_result.csv")).First(), StringComparison.Ordinal);
    }

    /// <summary>Prefill and decode of different models: a shard with one for both is not a shard of the same sweep.</summary>
    [Fact]
    public void Shards_of_other_models_are_not_merged()
    {
        using SurrogateFiles files = new();
        files.Write("one.onnx", new HandmadeOnnx());
        files.Write("other.onnx", new HandmadeOnnx { Efficiency = 0.9f });
        files.WriteSystem(""", "efficiency_model": "one.onnx" """);
        files.WriteRuntime(""", "efficiency_model": "other.onnx" """);
        string sweep = files.WriteSweep("decode.system.mem1.GBps");
        FastSimProgram.Outcome Part(string command, params string[] options) =>
            FastSimProgram.Run([command, "-q", "-c", sweep, "-o", files.PathOf("swept"), .. options]);
        Assert.Equal(0, Part("sweep", "--shard", "1/2").ExitCode);
        Assert.Equal(0, Part("sweep", "--shard", "2/2", "--efficiency-model", files.PathOf("one.onnx")).ExitCode);
        Assert.Equal(2, Part("merge").ExitCode);
        Assert.Equal(0, Part("sweep", "--shard", "2/2", "--restart").ExitCode);
        Assert.Equal(0, Part("merge").ExitCode);
    }

    [Fact]
    public void Training_is_reproducible_to_the_byte_and_judged()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        string[] Train(string output, int steps, params string[] options) =>
        [
            "surrogate", "train", "--ops", files.PathOf("gemm_perf.parquet"), "--systems", files.TimedChip, "-o", files.PathOf(output),
            "--steps", $"{steps}", .. options,
        ];
        Assert.Equal(0, FastSimProgram.Run(Train("one.onnx", TestLength.Of(300, 100), "--threads", "1", "-q")).ExitCode);
        Assert.Equal(0, FastSimProgram.Run(Train("two.onnx", TestLength.Of(300, 100), "-q")).ExitCode);
        Assert.Equal(File.ReadAllBytes(files.PathOf("one.onnx")), File.ReadAllBytes(files.PathOf("two.onnx")));
        FastSimProgram.Run(Train("other.onnx", TestLength.Of(300, 100), "-q", "--seed", "2"));
        Assert.NotEqual(File.ReadAllBytes(files.PathOf("one.onnx")), File.ReadAllBytes(files.PathOf("other.onnx")));

        // The times follow the timing form at parameters of their own: a network gets closer to them than any constant.
        FastSimProgram.Outcome told = FastSimProgram.Run(Train("judged.onnx", 300, "--json"));
        Assert.Equal(0, told.ExitCode);
        using JsonDocument json = JsonDocument.Parse(told.Output);
        JsonElement product = json.RootElement.GetProperty("held-out shapes").EnumerateArray().First();
        Assert.True(product.GetProperty("medianError").GetDouble() < 0.5 * product.GetProperty("flatMedianError").GetDouble());
        Assert.Equal(0, files.Run("--efficiency-model", files.PathOf("one.onnx")).ExitCode);
    }

    [Fact]
    public void Training_says_what_it_cannot_learn()
    {
        using SurrogateFiles files = new();
        files.WriteOperators(times: 9);
        string[] train = ["surrogate", "train", "--ops", files.PathOf("gemm_perf.parquet"), "--systems", files.TimedChip, "--steps", "100", "-o"];
        Assert.StartsWith("error: --output: found an empty value; expected <model.onnx>.", FastSimProgram.Run([.. train, ""]).Error, StringComparison.Ordinal);
        FastSimProgram.Outcome few = FastSimProgram.Run([.. train, files.PathOf("few.onnx")]);
        Assert.Equal(2, few.ExitCode);
        Assert.Contains("found no family with 200 operators to learn from; expected one; Product: found ", few.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(files.PathOf("few.onnx")));
        Assert.Equal(
            "error: --systems: found --setps, which begins as an option does (did you mean --steps?); expected <system.json>, written ./--setps where that is its name. Run fastsim --help for the commands and options.",
            FastSimProgram.Run([.. train, files.PathOf("few.onnx"), "--systems", "--setps"]).Error.Trim());
    }

    [Fact]
    public void Training_needs_a_system_for_each_chips_operators()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "surrogate", "evaluate", "--ops", files.PathOf("gemm_perf.parquet"), files.PathOf("gemm_perf.parquet"), "--systems", files.TimedChip);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("error: --systems: found 1; expected as many as --ops, 2: the operators of each chip, in order", outcome.Error.Trim());
    }

    /// <summary>How wide intervals are for a chip held out must be said by models that have not seen it: training does not spend that time, and says nothing of them.</summary>
    [Fact]
    public void Evaluating_alone_judges_intervals_of_chips_held_out()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        string operators = files.PathOf("gemm_perf.parquet");
        string[] chips =
        [
            "--ops", operators, operators, operators, "--systems", files.TimedChip, SystemFile("A100_SXM_80GB"), SystemFile("L40S"), "--steps", "100", "--json",
        ];
        (bool OfShapes, bool OfChips) AreJudged(params string[] command)
        {
            FastSimProgram.Outcome outcome = FastSimProgram.Run(["surrogate", .. command, .. chips]);
            Assert.Equal(0, outcome.ExitCode);
            using JsonDocument json = JsonDocument.Parse(outcome.Output);
            Assert.Equal(command[0] == "evaluate", json.RootElement.TryGetProperty("held-out chips: operators within their intervals", out _));
            bool Judges(string section) => json.RootElement.GetProperty(section).EnumerateArray().All(group => group.TryGetProperty("withinInterval", out _));
            return (Judges("held-out shapes"), Judges("held-out chips: trained, and calibrated, on the others"));
        }

        Assert.Equal((true, true), AreJudged("evaluate"));
        Assert.Equal((true, false), AreJudged("train", "-o", files.PathOf("model.onnx")));
    }

    [Fact]
    public void A_system_named_again_brings_further_files_of_its_chip()
    {
        using SurrogateFiles files = new();
        files.WriteOperators();
        string operators = files.PathOf("gemm_perf.parquet");
        string other = files.PathOf("other.json");
        File.Copy(files.TimedChip, other);
        string[] twice = ["surrogate", "evaluate", "--ops", operators, operators, "--systems", files.TimedChip];
        Assert.Contains("found gemm_perf.parquet twice", FastSimProgram.Run([.. twice, files.TimedChip]).Error, StringComparison.Ordinal);
        Assert.Contains(
            "--systems: found H100_SXM in several files; expected one, named once for each of its folders of operators",
            FastSimProgram.Run([.. twice, other]).Error,
            StringComparison.Ordinal);
    }

    private static string SystemFile(string name) => Repository.PathOf("data", "systems", $"{name}.json");

    private static string Cell(CsvTable table, int row, string column) => table.Rows[row][table.Header.ToList().IndexOf(column)];

    private static IEnumerable<string> FilesIn(string folder) =>
        Directory.Exists(folder) ? Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories) : [];

    private static (int Code, string Error) Start(params string[] arguments)
    {
        using Process process = Process.Start(
            new ProcessStartInfo("dotnet", arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        string error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error);
    }
}
