using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What a benchmark asked of its engine, in columns or by its name, as <c>fastsim predict</c> counts it.</summary>
public sealed class BenchmarkRunTests
{
    private const string Header = "model_path,system,backend,isl,osl,batch_size,tp_size,silicon_data_source";
    private const string Aiconfigurator = "source_file=/data/aic-auto-gap-analysis/data/timed_sxm/rows.csv; silicon_concurrency=16";
    private const string InferenceX = "db-dump; config_id=1; silicon_concurrency=16; workflow_run_id=7";

    /// <summary>Lengths between 0.8 and 1 of 1,000 and 500 have means of 900 and 450; 16 clients finish 450 tokens each a cycle.</summary>
    [Fact]
    public void Drawn_lengths_are_shorter_than_stated_and_their_waves_disperse()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run(
            "predict",
            $"{Header},random_range_ratio\n"
                + "owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,,\n"
                + "owner/Toy-1B,timed_sxm,sglang,900,450,16,1,,\n"
                + "owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,,0.8\n"
                + $"owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,{InferenceX},\n"
                + $"owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,{InferenceX},1\n");
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = files.Result();
        Assert.DoesNotContain("random_range_ratio", Cell(table, 0, "defaults"), StringComparison.Ordinal);
        Assert.Contains("random_range_ratio = 0.8", Cell(table, 3, "defaults"), StringComparison.Ordinal);
        AssertAlike(table, 2, 3);
        AssertAlike(table, 0, 4);

        double first = Number(table, 2, "predicted_ttft_ms");
        double token = Number(table, 2, "predicted_tpot_ms");
        Assert.Equal(16 * 450 / (first + (450 * token)) * 1000, Number(table, 2, "predicted_tokens_per_second"), 6);

        // A wave that is prefilled whole waits for half of itself; one that lengths disperse does not.
        Assert.True(first < Number(table, 1, "predicted_ttft_ms"));
        Assert.True(token > Number(table, 1, "predicted_tpot_ms"));
    }

    /// <summary>Held for 20 steps where next to none come meanwhile nine prompts of ten, all but those of the opening, wait 20 steps longer.</summary>
    [Fact]
    public void A_prompt_that_is_held_waits_for_as_many_steps()
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run(
            "predict",
            $"{Header},batch_wait_iters\nowner/Toy-1B,timed_sxm,trtllm,1000,100000,1,1,,0\nowner/Toy-1B,timed_sxm,trtllm,1000,100000,1,1,,20\n").ExitCode);
        CsvTable table = files.Result();
        double token = Number(table, 0, "predicted_tpot_ms");
        Assert.Equal(Number(table, 0, "predicted_ttft_ms") + (0.9 * 20 * token), Number(table, 1, "predicted_ttft_ms"), 0.01 * 20 * token);
        Assert.Contains("batch_wait_iters = 20", Cell(table, 1, "defaults"), StringComparison.Ordinal);
    }

    /// <summary>Looked for every 30 steps a prompt is seen after 15 on average, but for the one of ten that come at the opening; of drawn lengths none is of a wave.</summary>
    [Fact]
    public void A_prompt_is_seen_after_half_an_interval()
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run(
            "predict",
            $"{Header},random_range_ratio,scheduler_recv_interval\nowner/Toy-1B,timed_sxm,sglang,1000,100000,1,1,,0.8,\nowner/Toy-1B,timed_sxm,sglang,1000,100000,1,1,,0.8,30\n").ExitCode);
        CsvTable table = files.Result();
        double token = Number(table, 0, "predicted_tpot_ms");
        Assert.Equal(Number(table, 0, "predicted_ttft_ms") + (0.9 * 15 * token), Number(table, 1, "predicted_ttft_ms"), 0.01 * 15 * token);
    }

    /// <summary>vLLM before 0.11 launches the attention of 4 blocks between graphs, 10 µs each, and before 0.14 does 20 µs of each of 64 sequences after a step, unless told to work ahead.</summary>
    [Fact]
    public void A_run_of_InferenceX_schedules_vllm_ahead()
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run(
            "predict",
            $"{Header},backend_version,random_range_ratio\n"
                + $"owner/Toy-1B,timed_sxm,vllm,8,100000,64,1,{InferenceX},0.10.2,1\n"
                + "owner/Toy-1B,timed_sxm,vllm,8,100000,64,1,,0.10.2,1\n"
                + "owner/Toy-1B,timed_sxm,vllm,8,100000,64,1,,0.11.0,1\n"
                + "owner/Toy-1B,timed_sxm,vllm,8,100000,64,1,,0.14.0,1\n").ExitCode);
        CsvTable table = files.Result();
        Assert.Contains("scheduled beside the device", Cell(table, 0, "defaults"), StringComparison.Ordinal);
        double present = Number(table, 3, "predicted_tpot_ms");
        Assert.Equal(present + 0.04, Number(table, 0, "predicted_tpot_ms"), 1e-3);
        Assert.Equal(present + 0.04 + (64 * 0.02), Number(table, 1, "predicted_tpot_ms"), 2e-3);
        Assert.Equal(present + (64 * 0.02), Number(table, 2, "predicted_tpot_ms"), 2e-3);
    }

    /// <summary>Steps of 1,000 + 1,500 tokens take two whole prompts of 1,000, as aiconfigurator launches TensorRT-LLM, those of the engine's 8,192 eight.</summary>
    [Fact]
    public void A_run_of_aiconfigurator_has_room_for_one_prompt_and_1500_tokens()
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run(
            "predict",
            $"{Header},chunk_tokens\n"
                + $"owner/Toy-1B,timed_sxm,trtllm,1000,500,16,1,{Aiconfigurator},\n"
                + "owner/Toy-1B,timed_sxm,trtllm,1000,500,16,1,,2500\n"
                + $"owner/Toy-1B,timed_sxm,trtllm,1000,500,16,1,{Aiconfigurator},8192\n"
                + "owner/Toy-1B,timed_sxm,trtllm,1000,500,16,1,,\n").ExitCode);
        CsvTable table = files.Result();
        Assert.Contains("chunk_tokens = 2500", Cell(table, 0, "defaults"), StringComparison.Ordinal);
        AssertAlike(table, 1, 0);
        AssertAlike(table, 3, 2);

        Assert.NotEqual(Cell(table, 3, "predicted_ttft_ms"), Cell(table, 0, "predicted_ttft_ms"));
    }

    /// <summary>SGLang's prompts stop decoding but where they are mixed with it, which nobody notices who is alone.</summary>
    [Fact]
    public void A_run_of_aiconfigurator_mixes_prompts_where_the_release_has_a_file_that_does()
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run(
            "predict",
            $"{Header},backend_version,enable_mixed_chunk,chunk_tokens\n"
                + $"owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,{Aiconfigurator},0.5.6.post2,,\n"
                + "owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,,0.5.6.post2,1,2500\n"
                + $"owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,{Aiconfigurator},0.5.1.post1,,\n"
                + "owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,,0.5.6.post2,,\n"
                + "owner/Toy-1B,timed_sxm,sglang,1000,500,1,1,,0.5.6.post2,1,\n"
                + "owner/Toy-1B,timed_sxm,sglang,1000,500,1,1,,0.5.6.post2,,\n").ExitCode);
        CsvTable table = files.Result();
        Assert.Contains("enable_mixed_chunk = 1", Cell(table, 0, "defaults"), StringComparison.Ordinal);
        AssertAlike(table, 1, 0);
        AssertAlike(table, 3, 2);

        Assert.NotEqual(Cell(table, 3, "predicted_ttft_ms"), Cell(table, 0, "predicted_ttft_ms"));
        Assert.Equal(Number(table, 5, "predicted_ttft_ms"), Number(table, 4, "predicted_ttft_ms"), 0.01 * Number(table, 5, "predicted_ttft_ms"));
    }

    /// <summary>A row that says otherwise has the engine's own steps again, and is told where it says what is so anyway.</summary>
    [Fact]
    public void A_stated_mixing_takes_the_place_of_the_files()
    {
        using ServingFiles files = new();
        Assert.Equal(0, files.Run(
            "predict",
            $"{Header},backend_version,enable_mixed_chunk\n"
                + $"owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,{Aiconfigurator},0.5.6.post2,0\n"
                + "owner/Toy-1B,timed_sxm,sglang,1000,500,16,1,,0.5.6.post2,\n"
                + "owner/Toy-1B,timed_sxm,vllm,1000,500,16,1,,,0\n"
                + $"owner/Toy-1B,timed_sxm,trtllm,1000.5,500,16,1,{Aiconfigurator},,\n").ExitCode);
        CsvTable table = files.Result();
        Assert.DoesNotContain("chunk_tokens", Cell(table, 0, "defaults"), StringComparison.Ordinal);
        AssertAlike(table, 1, 0);

        Assert.Contains("without effect where prompts join decoding anyway: enable_mixed_chunk", Cell(table, 2, "defaults"), StringComparison.Ordinal);
        Assert.Contains("chunk_tokens = 2500", Cell(table, 3, "defaults"), StringComparison.Ordinal);
        Assert.DoesNotContain("2500.5", Cell(table, 3, "defaults"), StringComparison.Ordinal);
    }

    /// <summary>aiconfigurator's configuration for TensorRT-LLM 1.0 names a checkpoint of Qwen3-32B in blocks, for which this chip has no timings; a row of any other release, or source, is in plain 8 bits.</summary>
    [Fact]
    public void Eight_bits_of_aiconfigurators_Qwen3_32B_are_in_blocks()
    {
        using ServingFiles files = new();
        File.Copy(files.PathOf("models", "owner--Toy-1B.json"), files.PathOf("models", "Qwen--Qwen3-32B.json"));
        Assert.Equal(0, files.Run(
            "predict",
            $"{Header},precision,backend_version\n"
                + $"Qwen/Qwen3-32B,timed_sxm,trtllm,1000,500,16,1,{Aiconfigurator},fp8,1.0.0rc3\n"
                + $"Qwen/Qwen3-32B,timed_sxm,trtllm,1000,500,16,1,{Aiconfigurator},fp8,1.2.0\n"
                + "Qwen/Qwen3-32B,timed_sxm,trtllm,1000,500,16,1,,fp8,1.0.0rc3\n").ExitCode);
        CsvTable table = files.Result();
        Assert.Contains("fp8_block", Cell(table, 0, "not_covered"), StringComparison.Ordinal);
        Assert.Equal("", Cell(table, 1, "not_covered"));
        Assert.Equal("", Cell(table, 2, "not_covered"));
    }

    /// <summary>Of two pools, too: 4,000 and 1,000 from a half on have means of 3,000 and 750, and one rank's prompts are no longer than their mean.</summary>
    [Fact]
    public void Drawn_lengths_count_in_two_pools()
    {
        using ServingFiles files = new();
        const string Pools = "disagg,1,1,1,8,1";
        Assert.Equal(0, files.Run(
            "predict",
            "model_path,system,backend,isl,osl,mode,prefill_num_workers,prefill_tp_size,decode_tp_size,decode_batch_size,decode_num_workers,random_range_ratio,batch_wait_iters\n"
                + $"owner/Toy-1B,timed_sxm,trtllm,4000,1000,{Pools},0.5,\n"
                + $"owner/Toy-1B,timed_sxm,trtllm,3000,750,{Pools},,20\n").ExitCode);
        CsvTable table = files.Result();
        AssertAlike(table, 1, 0);

        Assert.Contains("of mode agg alone: batch_wait_iters", Cell(table, 1, "defaults"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("random_range_ratio", "1.2", "random_range_ratio is not a number from 1E-06 to 1: 1.2")]
    [InlineData("random_range_ratio", "most", "random_range_ratio is not a number above 0: most")]
    [InlineData("batch_wait_iters", "2.5", "batch_wait_iters is not a whole number from 0 to 16777215: 2.5")]
    [InlineData("chunk_tokens", "100.5", "chunk_tokens is not a whole number from 0 to 16777215: 100.5")]
    [InlineData("chunk_tokens", "16777216", "chunk_tokens is not a whole number from 0 to 16777215: 16777216")]
    [InlineData("chunk_tokens", "1e-7", "chunk_tokens is not a whole number from 0 to 16777215: 1e-7")]
    [InlineData("enable_mixed_chunk", "yes", "enable_mixed_chunk is neither 0 nor 1: yes")]
    [InlineData("enable_mixed_chunk", "2", "enable_mixed_chunk is neither 0 nor 1: 2")]
    [InlineData("scheduler_recv_interval", "-3", "scheduler_recv_interval is not a whole number from 0 to 16777215: -3")]
    public void What_is_no_such_number_is_not_covered(string column, string cell, string reason)
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", $"{Header},{column}\nowner/Toy-1B,timed_sxm,trtllm,1000,100,1,1,,{cell}\nowner/Toy-1B,timed_sxm,trtllm,1000,100,1,1,,\n");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(reason, Cell(files.Result(), 0, "not_covered"));
        Assert.Equal("", Cell(files.Result(), 1, "not_covered"));
    }

    [Fact]
    public void A_column_that_is_nearly_an_optional_one_is_asked_after()
    {
        using ServingFiles files = new();
        FastSimProgram.Outcome outcome = files.Run("predict", $"{Header},chunk_token\nowner/Toy-1B,timed_sxm,trtllm,1000,100,1,1,,4096\n");
        Assert.Contains("columns that change nothing: chunk_token (did you mean chunk_tokens?)", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>What is predicted of two rows is the same.</summary>
    private static void AssertAlike(CsvTable table, int expected, int row)
    {
        foreach (string column in new[] { "predicted_ttft_ms", "predicted_tpot_ms", "predicted_tokens_per_second" })
        {
            Assert.Equal(Cell(table, expected, column), Cell(table, row, column));
        }
    }

    private static string Cell(CsvTable table, int row, string column) => table.Rows[row][Array.IndexOf([.. table.Header], column)];

    private static double Number(CsvTable table, int row, string column) => double.Parse(Cell(table, row, column), CultureInfo.InvariantCulture);
}
