using System.IO.Compression;
using System.Text;
using System.Text.Json.Nodes;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>fastsim compare</c>: what moved between two tables, in words, and exit codes.</summary>
public sealed class CompareTests : IDisposable
{
    private const string Wide = """
        field_name,run_0,run_1
        model_name,llama,llama
        decoder_throughput(token/s),577.2,100
        decoder_time_per_token(s),0.01,0.02
        prefill_throughput(token/s),,0

        """;

    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public void A_table_is_as_itself_whatever_its_form()
    {
        string wide = folder.Write("a.csv", Wide);
        FastSimProgram.Outcome outcome = Compare(wide, wide);
        Assert.Equal((0, "8 figures compared: none differs", ""), (outcome.ExitCode, outcome.Output.Trim(), outcome.Error));
        string categorised = folder.Write(
            "b.csv",
            string.Join('\n', Wide.Split('\n').Select((line, at) => line.Length == 0 ? line : (at == 0 ? "category," : "Execution,") + line)));
        Assert.Equal(0, Compare(wide, categorised).ExitCode);
        using (GZipStream packed = new(File.Create(folder.PathOf("c.csv.gz")), CompressionLevel.Fastest))
        {
            packed.Write(Encoding.UTF8.GetBytes(Wide));
        }

        Assert.Equal(0, Compare(folder.PathOf("c.csv.gz"), wide).ExitCode);

        // Spelling does not count, nor do line ends.
        string spelt = folder.Write("d.csv", Wide.Replace("0.01,", "1E-2,", StringComparison.Ordinal).Replace("\n", "\r\n", StringComparison.Ordinal));
        Assert.Equal(0, Compare(wide, spelt).ExitCode);
    }

    [Fact]
    public void What_moved_the_furthest_first_and_by_how_much()
    {
        FastSimProgram.Outcome outcome = Compare(
            folder.Write("a.csv", Wide),
            folder.Write("b.csv", Wide.Replace("577.2", "293.1", StringComparison.Ordinal).Replace("0.02", "0.0201", StringComparison.Ordinal)
                .Replace(",0\n", ",5\n", StringComparison.Ordinal).Replace("llama,llama", "llama,qwen", StringComparison.Ordinal)));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            [
                "8 figures compared: 3 moved by more than 0 %, 1 text changed",
                "prefill_throughput(token/s) run_1: 0 → 5, from nothing",
                "decoder_throughput(token/s) run_0: 577.2 → 293.1, -49.2 %",
                "decoder_time_per_token(s) run_1: 0.02 → 0.0201, +0.5 %",
                "model_name run_1: llama → qwen",
            ],
            outcome.Output.Trim().Split('\n'));
    }

    [Theory]
    [InlineData("1%", 0)]
    [InlineData("0.01", 0)]
    [InlineData("0.4%", 1)]
    [InlineData("0", 1)]
    public void Within_a_tolerance_nothing_moved(string tolerance, int expected)
    {
        string first = folder.Write("a.csv", Wide);
        string second = folder.Write("b.csv", Wide.Replace("0.02", "0.0201", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = Compare(first, second, "--tolerance", tolerance);
        Assert.Equal(expected, outcome.ExitCode);
        Assert.Contains(expected == 0 ? "8 figures compared: 1 moved by less" : "1 moved by more than", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_and_columns_of_one_table_alone_are_named_and_long_lists_are_cut()
    {
        string first = folder.Write("a.csv", Wide);
        string second = folder.Write("b.csv", "field_name,run_0\nmodel_name,llama\ndecoder_throughput(token/s),577.2\nnew,1\n");
        FastSimProgram.Outcome outcome = Compare(first, second, "--top", "2");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            [
                "2 figures compared: 3 are in the first alone, 1 is in the second alone",
                $"column run_1: in {first} alone",
                $"row decoder_time_per_token(s): in {first} alone",
                "… and 1 more in the first alone",
                $"row new: in {second} alone",
            ],
            outcome.Output.Trim().Split('\n'));
        Assert.Equal((1, ""), (Compare(first, second, "-q").ExitCode, Compare(first, second, "-q").Output));
    }

    /// <summary>Variants go by what they are, not by their numbers or order.</summary>
    [Fact]
    public void Sweeps_are_aligned_by_their_axes()
    {
        const string Header = "variant,job,memory,model,seq_size,out_size,tokens_per_second,bound,reason\n";
        FastSimProgram.Outcome outcome = Compare(
            folder.Write("a.csv", $"{Header}0,0,1,llama,10,5,100,compute,\n1,0,2,llama,10,5,200,memory,\n"),
            folder.Write("b.csv", $"{Header}0,0,2,llama,10,5,220,memory,\n1,0,1,llama,10,5,100,memory,\n"));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            ["6 figures compared: 1 moved by more than 0 %, 1 text changed", "tokens_per_second of memory 2: 200 → 220, +10 %", "bound of memory 1: compute → memory"],
            outcome.Output.Trim().Split('\n'));
    }

    /// <summary>What the one table has throughout and the other has not is the question, no row of its own.</summary>
    [Fact]
    public void Predictions_of_two_chips_are_aligned_by_the_rest()
    {
        static string Table(string system, string first, string second) =>
            $"model_path,system,backend,isl,osl,silicon_tpot_ms,predicted_ttft_ms,predicted_tpot_ms,not_covered\nm,{system},vllm,100,10,7,50,{first},\nm,{system},vllm,200,10,8,90,{second},\n";
        FastSimProgram.Outcome outcome = Compare(folder.Write("a.csv", Table("h100", "10", "20")), folder.Write("b.csv", Table("h200", "8", "20")));
        Assert.Equal(1, outcome.ExitCode);
        Assert.Equal(
            ["system: h100 → h200, in all rows", "6 figures compared: 1 moved by more than 0 %", "predicted_tpot_ms of isl 100: 10 → 8, -20 %"],
            outcome.Output.Trim().Split('\n'));
    }

    [Fact]
    public void Programs_read_the_same()
    {
        string first = folder.Write("a.csv", Wide);
        string second = folder.Write("b.csv", Wide.Replace("577.2", "293.1", StringComparison.Ordinal).Replace(",0\n", ",5\n", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = Compare(first, second, "--json", "--tolerance", "1%");
        JsonNode json = JsonNode.Parse(outcome.Output)!;
        Assert.Equal((1, false, 8), (outcome.ExitCode, (bool)json["withinTolerance"]!, (int)json["compared"]!));
        Assert.Equal(("prefill_throughput(token/s) run_1", null), ((string?)json["moved"]![0]!["of"], json["moved"]![0]!["change"]));
        Assert.Equal(-0.4922, (double)json["moved"]![1]!["change"]!, 1e-4);
        Assert.Equal(0.01, (double)json["tolerance"]!);
    }

    /// <summary>What the program itself writes is read: a run of two accountings, and the predictions of a table.</summary>
    [Fact]
    public void Tables_of_run_and_predict_are_compared()
    {
        using TemporaryFolder inputs = EditedInputs.Inputs();
        Assert.Equal(0, EditedInputs.Run(inputs, "fusion.json", "-q").ExitCode);
        string table = inputs.PathOf("out", "pd-fusion_result_best.csv");
        string first = inputs.PathOf("first.csv");
        File.Copy(table, first);
        Assert.Equal(0, EditedInputs.Run(inputs, "fusion.json", "-q", "--accounting", "physical", "--gzip", "--format", "categorised").ExitCode);
        FastSimProgram.Outcome outcome = Compare(first, table + ".gz", "--top", "500");
        Assert.Equal(1, outcome.ExitCode);
        Assert.Contains("decoder_throughput(token/s) run_0: ", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(0, Compare(table + ".gz", table + ".gz").ExitCode);
        string details = Directory.GetFiles(inputs.PathOf("out", "op_details"))[0];
        Assert.Equal(0, Compare(details, details).ExitCode);

        using ServingFiles files = new();
        Assert.Equal(0, files.Run("predict", "model_path,system,backend,isl,osl\nowner/Toy-1B,Timed_SXM,trtllm,100,10\n", "-q").ExitCode);
        Assert.Equal(0, Compare(files.PathOf("out.csv"), files.PathOf("out.csv")).ExitCode);
    }

    [Theory]
    [InlineData("", "found nothing; expected a table of run")]
    [InlineData("{\"a\": 1}", "found JSON; expected a table of run")]
    [InlineData("a,b\n1,2\n", "header: found a,b; expected a table of run")]
    [InlineData("variant,job,cost\n1,2,3\n", "header: found variant,job,cost; expected a table of run")]
    [InlineData("field_name,run_0\nx,1,2\n", "cannot be read as a CSV of as many cells in every row")]
    [InlineData("field_name,run_0,run_0\nx,1,2\n", "header: found the column run_0 twice; expected each once")]
    [InlineData("block,name,flops\na,b,1\n", "found a table of operators; expected one of run")]
    public void What_is_no_table_of_results_is_refused(string text, string message)
    {
        string good = folder.Write("good.csv", Wide);
        string bad = folder.Write("bad.csv", text);
        Refused(Compare(good, bad), bad, message);
    }

    [Fact]
    public void Other_axes_files_that_are_not_there_and_bad_packing_are_refused()
    {
        const string Cells = ",llama,1,1,5\n";
        string first = folder.Write("a.csv", $"variant,job,memory,model,seq_size,out_size,tokens_per_second\n0,0,1{Cells}");
        string second = folder.Write("b.csv", $"variant,job,clock,model,seq_size,out_size,tokens_per_second\n0,0,1{Cells}");
        Refused(Compare(first, second), second, "found rows of job, clock, model, seq_size, out_size; expected rows of job, memory");
        Refused(Compare(first, folder.PathOf("none.csv")), folder.PathOf("none.csv"), "cannot be read");
        Refused(Compare(first, folder.Root), folder.Root, "found a folder");
        string packed = folder.Write("c.csv.gz", Wide);
        Refused(Compare(packed, first), packed, "found bytes that are not gzip");
    }

    [Theory]
    [InlineData("--tolerance", "-1")]
    [InlineData("--tolerance", "much")]
    [InlineData("--tolerance", "NaN")]
    [InlineData("--top", "0")]
    public void Options_are_checked(string option, string value)
    {
        string table = folder.Write("a.csv", Wide);
        FastSimProgram.Outcome outcome = Compare(table, table, $"{option}={value}");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(option, Assert.Single(outcome.Error.Trim().Split('\n')), StringComparison.Ordinal);
    }

    private static FastSimProgram.Outcome Compare(string first, string second, params string[] options) => FastSimProgram.Run(["compare", first, second, .. options]);

    private static void Refused(FastSimProgram.Outcome outcome, string file, string message)
    {
        Assert.Equal(2, outcome.ExitCode);
        string line = Assert.Single(outcome.Error.Trim().Split('\n'));
        Assert.StartsWith($"error: {file}: ", line, StringComparison.Ordinal);
        Assert.Contains(message, line, StringComparison.Ordinal);
    }
}
