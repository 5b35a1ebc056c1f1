using System.Diagnostics;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Input that is no regular file, too large, or made to fell its parser: refused in one line, soon.</summary>
public sealed class InputLimitTests
{
    private const string Columns = "model_path,system,backend,isl,osl,batch_size,tp_size\n";

    /// <summary>A file of no end ends each reader with a message, not with the memory.</summary>
    [Theory]
    [InlineData("run", "-c", "/dev/zero")]
    [InlineData("model", "show", "/dev/zero")]
    [InlineData("system", "show", "/dev/zero")]
    [InlineData("sweep", "-c", "/dev/zero")]
    [InlineData("predict", "-o", "out.csv", "-t", "/dev/zero")]
    public void A_device_is_not_read(params string[] arguments)
    {
        if (!File.Exists("/dev/zero"))
        {
            Assert.Skip("there is no /dev/zero here");
        }

        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith("error: /dev/zero: found a device; expected ", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_device_under_the_name_of_a_model_is_not_read()
    {
        using SurrogateFiles files = new();
        File.CreateSymbolicLink(files.PathOf("model.onnx"), "/dev/zero");
        Assert.Contains(
            "model.onnx: found a device; expected an ONNX model in a regular file",
            files.Run("--efficiency-model", files.PathOf("model.onnx")).Error,
            StringComparison.Ordinal);
        File.CreateSymbolicLink(files.PathOf("gemm_perf.parquet"), "/dev/zero");
        Assert.Contains(
            "gemm_perf.parquet: found a device; expected a Parquet file in a regular file",
            FastSimProgram.Run("calibrate", "--ops", files.PathOf("gemm_perf.parquet"), "--system", files.TimedChip, "-o", files.PathOf("out.json")).Error,
            StringComparison.Ordinal);
    }

    /// <summary>16 MiB and one byte of JSON, 32 MiB and one of CSV: files with holes, which take no space.</summary>
    [Fact]
    public void A_file_beyond_its_form_is_refused_before_it_is_read()
    {
        using TemporaryFolder folder = new();
        Hollow(folder.PathOf("large.json"), (16 << 20) + 1);
        Assert.Equal(
            $"error: {folder.PathOf("large.json")}: found 16777217 bytes; expected JSON text of at most 16 MiB",
            FastSimProgram.Run("run", "-c", folder.PathOf("large.json")).Error.Trim());
        Hollow(folder.PathOf("large.csv"), (32 << 20) + 1);
        Assert.Equal(
            $"error: {folder.PathOf("large.csv")}: found 33554433 bytes; expected a CSV of at most 32 MiB",
            FastSimProgram.Run("predict", "-t", folder.PathOf("large.csv"), "-o", folder.PathOf("out.csv")).Error.Trim());
    }

    [Fact]
    public async Task A_pipe_is_read_and_one_that_stays_empty_is_given_up()
    {
        using TemporaryFolder folder = new();
        string pipe = folder.PathOf("pipe");
        using (Process make = Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        Stopwatch watch = Stopwatch.StartNew();
        FastSimProgram.Outcome silent = FastSimProgram.Run("model", "show", pipe);
        Assert.Equal((2, ""), (silent.ExitCode, silent.Output));
        Assert.Contains("found a pipe that did not end within 8 s; expected JSON text: write it to a file first", silent.Error, StringComparison.Ordinal);
        Assert.True(watch.Elapsed.TotalSeconds >= 7, $"given up after {watch.Elapsed}");
        File.Delete(pipe);
        using (Process make = Process.Start("mkfifo", pipe))
        {
            await make.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        byte[] model = await File.ReadAllBytesAsync(Repository.PathOf("tests", "cli", "inputs", "dense.json"), TestContext.Current.CancellationToken);
        Task writing = Task.Run(() => File.WriteAllBytes(pipe, model), TestContext.Current.CancellationToken);
        Assert.Equal(0, FastSimProgram.Run("model", "show", pipe).ExitCode);
        await writing;
    }

    /// <summary>Every case of the shared folder; before, most aborted, three never ended.</summary>
    [Fact]
    public void Spoilt_Parquet_is_refused_in_one_line()
    {
        string cases = Repository.SharedOrSkip("cases", "faults");
        using TemporaryFolder folder = new();
        string file = folder.PathOf("gemm_perf.parquet");
        foreach (string spoilt in Directory.GetFiles(cases, "*.parquet", SearchOption.AllDirectories))
        {
            File.WriteAllBytes(file, File.ReadAllBytes(spoilt));
            FastSimProgram.Outcome outcome = FastSimProgram.Run(
                "calibrate", "--ops", file, "--system", Repository.PathOf("data", "systems", "H100_SXM.json"), "-o", folder.PathOf("out.json"));
            Assert.Equal((2, false), (outcome.ExitCode, File.Exists(folder.PathOf("out.json"))));
            Assert.StartsWith($"error: {file}: cannot be read as Parquet: found ", Assert.Single(outcome.Error.Trim().Split('\n')), StringComparison.Ordinal);
        }
    }

    /// <summary>Terms and parentheses that overflow the stack of what evaluates them.</summary>
    [Theory]
    [InlineData("terms", "found 17999 names, numbers and operators in g+g+g")]
    [InlineData("parentheses", "found parentheses 400 deep in ((((")]
    [InlineData("letters", "found 30001 letters in xxx")]
    public void An_expression_beyond_its_limits_is_refused(string kind, string complaint)
    {
        string cost = kind switch
        {
            "terms" => string.Join("+", Enumerable.Repeat("g", 9_000)),
            "parentheses" => new string('(', 400) + "gib" + new string(')', 400),
            _ => new string('x', 30_001),
        };
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep("""{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""", $", \"cost\": \"{cost}\"");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"cost: {complaint}", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Log(0,0)", "is no number")]
    [InlineData("Sqrt(-1)", "is no number")]
    [InlineData("Abs(1/(gib-144))", "is infinite at gib = 144")]
    [InlineData("144-gib", "is 0 at gib = 144")]
    [InlineData("if(gib > 100, -1, 1)", "is -1 at gib = 144")]
    [InlineData("Pow(10, 400)", "is infinite")]
    [InlineData("gib!", "Factorial input must be less than or equal to 170.")]
    public void An_expression_that_gives_no_number_ends_the_sweep_and_leaves_nothing(string cost, string complaint)
    {
        using SweepFiles files = new();
        const string Axis = """{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144, 288]}""";
        FastSimProgram.Outcome outcome = files.Sweep(Axis, $", \"cost\": \"{cost}\"");
        Assert.Equal(2, outcome.ExitCode);
        string error = outcome.Error.Trim().Split('\n')[^1];
        Assert.Contains(complaint, error, StringComparison.Ordinal);
        Assert.Contains($"cost: ", error, StringComparison.Ordinal);
        Assert.DoesNotContain("(Parameter", error, StringComparison.Ordinal);

        // What is known before the sweep begins leaves no folder either.
        string[] left = Directory.Exists(files.PathOf("out")) ? Directory.GetFiles(files.PathOf("out")) : [];
        Assert.All(left, file => Assert.EndsWith("sweep.lock", file, StringComparison.Ordinal));
    }

    /// <summary>What a user's file says stays on the line of the message that quotes it.</summary>
    [Fact]
    public void A_message_is_one_line_whatever_it_quotes()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome cell = files.Run("predict", $"{Columns}\"owner/To\ny\",Timed_SXM,trtllm,10,10,1,1\n");
        Assert.Contains("unknown model owner/To y", cell.Output, StringComparison.Ordinal);
        FastSimProgram.Outcome ragged = files.Run("predict", $"{Columns}\"a\nb\",c\n");
        Assert.Equal(2, ragged.ExitCode);
        Assert.StartsWith("error: ", ragged.Error.Trim().Split('\n')[^1], StringComparison.Ordinal);

        using TemporaryFolder folder = new();
        string text = File.ReadAllText(Repository.PathOf("tests", "cli", "inputs", "dense.json"));
        folder.Write("dense.json", text.Replace("\"tiny-dense\"", "\"a\\nb\\u0007\"", StringComparison.Ordinal));
        FastSimProgram.Outcome named = FastSimProgram.Run("model", "show", folder.PathOf("dense.json"));
        Assert.Contains("a b\\u0007", named.Output, StringComparison.Ordinal);
        folder.Write("dense.json", text.Replace("\"tiny-dense\"", "NaN", StringComparison.Ordinal));
        Assert.EndsWith(
            "model: found NaN; expected the model's name", FastSimProgram.Run("model", "show", folder.PathOf("dense.json")).Error.Trim(), StringComparison.Ordinal);
        folder.Write("dense.json", text.Replace("\"tiny-dense\"", "\"a\\u0000b\"", StringComparison.Ordinal));
        Assert.EndsWith(
            "model: found \"a\\u0000b\"; expected the model's name",
            FastSimProgram.Run("model", "show", folder.PathOf("dense.json")).Error.Trim(),
            StringComparison.Ordinal);
    }

    /// <summary>
    /// The toy holds 4 blocks · 2 sides · 128 · 2 heads · 2 bytes = 4096 bytes a token at TP 1 in 16 bits: 16,000,000 tokens are 61.0 GiB,
    /// which with its weights are more than 0.9 of what a card of 48 GiB has left; a trillion tokens are counted before they are looped over.
    /// </summary>
    [Theory]
    [InlineData("1e12", "isl is not a number from 1E-06 to 268435456: 1e12")]
    [InlineData("1e8", "impossible load: 381.5 GiB of cache for one sequence where a card has room for ")]
    [InlineData("16000000", "impossible load: 61.0 GiB of cache for one sequence where a card has room for ")]
    public void A_load_that_no_card_holds_is_not_covered(string tokens, string reason)
    {
        using ServingFiles files = new();
        string system = files.PathOf("systems", "Timed_SXM.json");
        File.WriteAllText(system, System.Text.RegularExpressions.Regex.Replace(File.ReadAllText(system), "\"GiB\":[0-9.]+", "\"GiB\":48"));
        FastSimProgram.Outcome outcome = files.Run("predict", $"{Columns}owner/Toy-1B,Timed_SXM,trtllm,{tokens},10,1,1\n");
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains(reason, outcome.Output, StringComparison.Ordinal);
        Assert.StartsWith(reason, files.Result().Rows[0][^1], StringComparison.Ordinal);
    }

    /// <summary>A link of 1e15 times as many GB/s leaves throughputs so near each other that no step fits between them; their axis took 24 GB.</summary>
    [Fact]
    public void An_axis_of_numbers_that_hardly_differ_has_few_ticks()
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        folder.Write(
            "sweep.json",
            """
            {"runtime": "fusion.json", "output": "o", "combine": "zip", "axes": [{"path": "runtime.num_procs_list[0]", "values": [1, 2, 4]},
             {"path": "system.networks[0].bandwidth", "geometric": [10, 1000, 3], "link": [{"path": "system.mem1.GBps", "factor": 1e15}]}], "cost": "1"}
            """);
        long before = GC.GetTotalAllocatedBytes();
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-q", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("o"));
        Assert.Equal(0, outcome.ExitCode);
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1L << 30);
        Assert.InRange(new FileInfo(folder.PathOf("o", "report.html")).Length, 1, 1 << 20);
    }

    [Fact]
    public void More_layouts_than_a_search_can_hold_are_refused()
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        string chip = File.ReadAllText(folder.PathOf("chip.json"));
        folder.Write("chip.json", chip.Replace("[[null, null, null, 1.0]]", "[[100, null, null, 0.9], [null, null, null, 0.5]]", StringComparison.Ordinal));
        folder.Write(
            "fusion.json",
            File.ReadAllText(folder.PathOf("fusion.json")).Replace("[0, 8]", "[0, 65536]", StringComparison.Ordinal)
                .Replace("\"num_procs_list\": [8]", "\"num_procs_list\": [64]", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out"), "-q");
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith(
            "error: found more than 500000 layouts and batches to try for tiny-experts on 64 cards with 65537 numbers of redundant experts; expected fewer",
            outcome.Error,
            StringComparison.Ordinal);
    }

    /// <summary>Jobs are answered a thousand at a time; the table has them all, and each is what it is alone.</summary>
    [Fact]
    public void A_table_of_many_jobs_is_that_of_each()
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        string text = File.ReadAllText(folder.PathOf("fusion.json")).Replace("[\"dense.json\", \"experts.json\"]", "[\"dense.json\"]", StringComparison.Ordinal)
            .Replace("[8]", "[1]", StringComparison.Ordinal);
        folder.Write("one.json", text);
        string limits = string.Join(", ", Enumerable.Range(1, 1100).Select(limit => $"[null, {limit}]"));
        folder.Write("many.json", text.Replace("[[null, 50]]", $"[{limits}]", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf("many.json"), "-o", folder.PathOf("many"), "--json");
        Assert.Equal(0, outcome.ExitCode);
        CsvTable many = CsvTable.Load(folder.PathOf("many", "pd-fusion_result_best.csv"));
        Assert.Equal(1101, many.Header.Count);
        Assert.Equal("run_1099", many.Header[^1]);
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(outcome.Output);
        System.Text.Json.JsonElement jobs = Assert.Single(json.RootElement.GetProperty("modes").EnumerateArray()).GetProperty("jobs");
        Assert.Equal(Enumerable.Range(0, 1100), jobs.EnumerateArray().Select(job => job.GetProperty("run").GetInt32()));
        Assert.Equal(0, FastSimProgram.Run("run", "-c", folder.PathOf("one.json"), "-o", folder.PathOf("one"), "-q").ExitCode);
        CsvTable one = CsvTable.Load(folder.PathOf("one", "pd-fusion_result_best.csv"));
        Assert.All(one.Rows, row => Assert.Equal(row[1], many.Field(row[0])[49]));
    }

    private static void Hollow(string path, long bytes)
    {
        using FileStream stream = File.Create(path);
        stream.SetLength(bytes);
    }
}
