using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What <c>fastsim predict</c> and <c>fastsim validate</c> read and write.</summary>
public sealed class ServingTests
{
    private const string Header = "id,model_path,system,backend,precision,mode,isl,osl,gemm_quant_mode,batch_size,tp_size,attention_dp_size";

    [Fact]
    public void A_row_says_when_its_operators_are_beyond_a_models_training()
    {
        using ServingFiles files = new();
        const string Row = $"{Header}\na,owner/Toy-1B,timed_sxm,trtllm,fp8,agg,1024,256,fp8,8,2,1\n";
        Assert.Equal(0, files.Run("predict", Row).ExitCode);
        Assert.DoesNotContain("training", Cell(files.Result(), 0, "defaults"), StringComparison.Ordinal);

        // The model by hand states no training at all.
        File.WriteAllBytes(files.PathOf("model.onnx"), new HandmadeOnnx().ToArray());
        FastSimProgram.Outcome outcome = files.Run("predict", Row, "--efficiency-model", files.PathOf("model.onnx"));
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        Assert.Contains("1 rows run operators, or on chips, beyond its training", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("efficiency_model beyond its training", Cell(files.Result(), 0, "defaults"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_prediction_stands_beside_what_was_asked()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", $"{Header}\na,owner/Toy-1B,timed_sxm,trtllm,fp8,agg,1024,256,fp8,8,2,1\n");
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = files.Result();
        Assert.Equal(Header.Split(','), table.Header.Take(12));
        Assert.Equal("", Cell(table, 0, "not_covered"));
        Assert.Equal("2", Cell(table, 0, "cards"));
        double token = Number(table, 0, "predicted_tpot_ms");
        double first = Number(table, 0, "predicted_ttft_ms");
        Assert.InRange(token, 0.1, 100);

        // 8 clients finish 256 tokens each a cycle.
        Assert.Equal(8 * 256 / (first + (256 * token)) * 1000, Number(table, 0, "predicted_tokens_per_second"), 6);
        Assert.Equal(
            (Number(table, 0, "memory_capacity_gib") - Number(table, 0, "memory_weights_gib") - Number(table, 0, "memory_reserve_gib")) * 0.9,
            Number(table, 0, "memory_cache_gib"),
            9);
    }

    [Fact]
    public void What_is_missing_is_defaulted_in_writing()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", "model_path,system,backend,isl,osl\nowner/Toy-1B,timed,vllm,512,128\n");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("the table lacks mode, precision, gemm_quant_mode, batch_size, tp_size", outcome.Error, StringComparison.Ordinal);
        Assert.Equal("system Timed_SXM; precision = bfloat16; tp_size = 1; batch_size = 1", Cell(files.Result(), 0, "defaults"));
    }

    /// <summary>A row that states clients of all ranks and no batch is the row of as many a rank; of both the batch counts, and a row of neither has one client a rank.</summary>
    [Theory]
    [InlineData(",16", "8,", "batch_size = 8 from a concurrency of 16")]
    [InlineData(",1", "1,", "batch_size = 1 from a concurrency of 1")]
    [InlineData("4,16", "4,", "batch_size goes before concurrency")]
    [InlineData(",", "1,", "batch_size = 1")]
    public void Clients_of_all_ranks_are_shared_out_where_no_batch_is_stated(string asked, string same, string note)
    {
        const string Columns = "model_path,system,backend,precision,isl,osl,tp_size,attention_dp_size,batch_size,concurrency";
        const string Row = "owner/Toy-1B,timed_sxm,vllm,bf16,512,128,1,2,";
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", $"{Columns}\n{Row}{asked}\n{Row}{same}\n");
        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain("batch_size", outcome.Error, StringComparison.Ordinal);
        CsvTable table = files.Result();
        Assert.Equal(Cell(table, 1, "predicted_tpot_ms"), Cell(table, 0, "predicted_tpot_ms"));
        Assert.Equal(Cell(table, 1, "predicted_tokens_per_second"), Cell(table, 0, "predicted_tokens_per_second"));
        Assert.Equal(note, string.Join("; ", Cell(table, 0, "defaults").Split("; ").Where(part => part.StartsWith("batch_size", StringComparison.Ordinal))));
    }

    [Theory]
    [InlineData("owner/Toy-1B-Instruct-FP8,timed_sxm,trtllm,,agg,512,128,,1,1,", "")]
    [InlineData("owner/Tooy-1B,timed_sxm,trtllm,,agg,512,128,,1,1,", "unknown model owner/Tooy-1B; did you mean \"owner--Toy-1B\"?")]
    [InlineData("owner/Toy-1B,tmed_sxm,trtllm,,agg,512,128,,1,1,", "unknown system tmed_sxm; did you mean \"Timed_SXM\"?")]
    [InlineData("owner/Toy-1B,untimed,trtllm,,agg,512,128,,1,1,", "system untimed: SOW-U1-POR has no timings of operators")]
    [InlineData("owner/Toy-1B,timed_sxm,trtlm,,agg,512,128,,1,1,", "unknown engine trtlm; expected none, trtllm, vllm, sglang; did you mean \"trtllm\"?")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,,1,3,", "impossible layout: tensor parallel 3 does not divide the 8 attention heads")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,fp7,1,1,", "unknown data type fp7; expected bfloat16, fp8, fp8_block, nvfp4, int8_wo, int4_wo, sq")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,nvfp4,1,1,", "SOW-U1-POR has no timing of gemm nvfp4")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,,128,,1,1,", "isl is missing")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,0.5,128,,1,1,", "isl is not a number of at least 1: 0.5")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,0.9,,1,1,", "osl is not a number of at least 1: 0.9")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,1,,1,1,", "")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,1.5,,1,1,", "")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,int4_wo,1,1,", "SOW-U1-POR has no timing of gemm int4_wo")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,int8_wo,1,1,", "SOW-U1-POR has no timing of gemm int8_wo")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,sq,1,1,", "SOW-U1-POR has no timing of gemm sq")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,many,128,,1,1,", "isl is not a number above 0: many")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,aggr,512,128,,1,1,", "unknown mode aggr; expected agg or disagg")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,,1,1.5,", "tp_size is not a whole number from 1 to 16777215: 1.5")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,,1,0,", "tp_size is not a whole number from 1 to 16777215: 0")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,,1,-2,", "tp_size is not a whole number from 1 to 16777215: -2")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,,0,1,", "batch_size is not a number above 0: 0")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,,-1,1,", "batch_size is not a number above 0: -1")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,agg,512,128,,1,1,0", "")]
    [InlineData("owner/Toy-1B,timed_sxm,trtllm,,disagg,512,128,,1,1,", "neither decode_batch_size nor a concurrency is stated")]
    public void A_row_that_is_not_covered_says_why(string row, string reason)
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", $"{Header}\na,{row}\n");
        Assert.Equal(reason.Length == 0 ? 0 : 3, outcome.ExitCode);
        Assert.Equal(reason, Cell(files.Result(), 0, "not_covered"));
        Assert.Equal(reason.Length == 0, Cell(files.Result(), 0, "predicted_tpot_ms").Length > 0);
    }

    [Fact]
    public void A_table_without_a_needed_column_is_bad_input()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", "model_path,system,backnd,isl,osl\nowner/Toy-1B,timed,vllm,512,128\n");
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(
            "table.csv: header: found no column backend; expected model_path, system, backend, isl, osl at least; did you mean \"backnd\"?",
            outcome.Error.Trim(),
            StringComparison.Ordinal);
        Assert.False(File.Exists(files.PathOf("out.csv")));
    }

    [Theory]
    [InlineData(';', "semicolons")]
    [InlineData('\t', "tabs")]
    public void A_table_without_commas_is_told_what_stands_in_their_place(char separator, string name)
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", "model_path,system,backend,isl,osl\nowner/Toy-1B,timed,vllm,512,128\n".Replace(',', separator));
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith($"table.csv: header: found {name} and no comma; expected commas between columns", outcome.Error.Trim(), StringComparison.Ordinal);
    }

    /// <summary>Under any name of its engine a row has the figures of the engine's own word; another name than that is noted.</summary>
    [Theory]
    [InlineData("vllm", "vLLM", "")]
    [InlineData("sglang", "SGLang", "")]
    [InlineData("trtllm", "TRTLLM", "")]
    [InlineData("trtllm", "TRT-LLM", "engine trtllm")]
    [InlineData("trtllm", "TensorRT-LLM", "engine trtllm")]
    [InlineData("trtllm", "tensorrt_llm", "engine trtllm")]
    public void Engines_are_taken_by_the_names_that_they_are_known_by(string word, string name, string note)
    {
        using ServingFiles files = new();
        string Row(string engine) => $"a,owner/Toy-1B,timed_sxm,{engine},fp8,agg,1024,256,fp8,8,2,1\n";
        files.Run("predict", $"{Header}\n{Row(word)}{Row(name)}");
        CsvTable result = files.Result();
        Assert.Equal("", Cell(result, 1, "not_covered"));
        Assert.Equal(Cell(result, 0, "predicted_tpot_ms"), Cell(result, 1, "predicted_tpot_ms"));
        Assert.Equal(Cell(result, 0, "predicted_ttft_ms"), Cell(result, 1, "predicted_ttft_ms"));
        Assert.Equal(name, Cell(result, 1, "backend"));
        Assert.DoesNotContain("engine", Cell(result, 0, "defaults"), StringComparison.Ordinal);
        Assert.Equal(note.Length > 0, Cell(result, 1, "defaults").Contains("engine trtllm", StringComparison.Ordinal));
    }

    [Fact]
    public void A_validation_compares_by_group_and_lists_what_it_does_not_cover()
    {
        using ServingFiles files = new();
        const string Row = "owner/Toy-1B,timed_sxm,trtllm,fp8,agg,1024,256,fp8";
        files.Run("predict", $"{Header}\na,{Row},8,2,1\n");
        double token = Number(files.Result(), 0, "predicted_tpot_ms");
        double first = Number(files.Result(), 0, "predicted_ttft_ms");
        string Measured(double factor) => string.Create(CultureInfo.InvariantCulture, $"{first * factor:R},{token / factor:R}");
        FastSimProgram.Outcome outcome = files.Run(
            "validate",
            $"{Header},silicon_ttft_ms,silicon_tpot_ms,suspect\n"
                + $"a,{Row},8,2,1,{Measured(1)},\n"
                + $"b,{Row},8,2,1,{Measured(1.25)},\n"
                + $"c,{Row},8,2,1,{Measured(0.8)},\n"
                + $"d,{Row},8,2,1,{Measured(1)},speculative\n"
                + $"e,{Row},8,3,1,{Measured(1)},\n",
            "--json",
            "--plot",
            files.PathOf("plot.svg"));
        Assert.Equal(0, outcome.ExitCode);
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(outcome.Output);
        System.Text.Json.JsonElement all = json.RootElement.GetProperty("groups")[0].GetProperty("timePerOutputToken");

        // Predicted over measured time per token: 1, 1.25 and 0.8: errors 0, 25 and 20 %.
        Assert.Equal(3, all.GetProperty("rows").GetInt32());
        Assert.Equal(0.2, all.GetProperty("medianError").GetDouble(), 9);
        Assert.Equal(0.15, all.GetProperty("meanError").GetDouble(), 9);
        Assert.Equal(0, all.GetProperty("bias").GetDouble(), 9);
        Assert.Equal(1 / 3d, all.GetProperty("withinTenPercent").GetDouble(), 9);
        Assert.Equal(
            ["impossible layout: tensor parallel 3 does not divide the 8 attention heads", "marked as suspect: speculative"],
            json.RootElement.GetProperty("notCovered").EnumerateObject().Select(reason => reason.Name));
        Assert.Contains("decode attention", json.RootElement.GetProperty("worst")[0].GetProperty("decodeStep").GetString(), StringComparison.Ordinal);
        Assert.StartsWith("<svg", File.ReadAllText(files.PathOf("plot.svg")), StringComparison.Ordinal);
    }

    [Fact]
    public void A_table_without_measurements_cannot_be_validated()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("validate", $"{Header}\na,owner/Toy-1B,timed_sxm,trtllm,fp8,agg,1024,256,fp8,8,2,1\n");
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith("header: found no measured column; expected silicon_tpot_ms or silicon_ttft_ms", outcome.Error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public void Threads_change_no_byte()
    {
        using ServingFiles files = new();
        string rows = string.Concat(Enumerable.Range(1, 200).Select(index => $"r{index},owner/Toy-1B,timed_sxm,sglang,,agg,{100 + index},{50 + index},,{index},2,1\n"));
        files.Run("predict", $"{Header}\n{rows}", "--threads", "1");
        string one = File.ReadAllText(files.PathOf("out.csv"));
        files.Run("predict", $"{Header}\n{rows}", "--threads", "4");
        Assert.Equal(one, File.ReadAllText(files.PathOf("out.csv")));
    }

    private static string Cell(CsvTable table, int row, string column) => table.Rows[row][table.Header.ToList().IndexOf(column)];

    private static double Number(CsvTable table, int row, string column) => double.Parse(Cell(table, row, column), CultureInfo.InvariantCulture);
}
