using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Rows of a table share what they say alike, and instances the room of those before them; a row says the same beside others as by itself.</summary>
public sealed class ServingRowsTests
{
    private const string Header = "model_path,system,backend,precision,mode,isl,osl,batch_size,tp_size,kv_cache_fraction,decode_batch_size,prefill_tp_size,decode_tp_size,concurrency";

    /// <summary>Three layouts in turn, each of more lengths than a thread keeps instances of; two pools; what is refused for its layout and for its lengths.</summary>
    private static readonly string[] Rows =
    [
        .. Enumerable.Range(0, 60).Select(row =>
            $"owner/Toy-1B,timed_sxm,{(row % 3 == 0 ? "vllm" : "trtllm")},{(row % 3 == 2 ? "fp8" : "bf16")},agg,{300 + (137 * row)},{40 + (11 * row)},{1 << (row % 7)},{1 + (row % 2)},,,,,"),
        "owner/Toy-1B,timed_sxm,trtllm,bf16,disagg,700,90,,,,8,1,2,",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,disagg,900,70,,,,8,1,2,",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,disagg,900,70,,,,,1,2,16",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,disagg,900,70,4,,,,1,2,16",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,agg,900,70,4,3,,,,,",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,agg,1900,70,4,3,,,,,",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,agg,0,70,4,1,,,,,",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,agg,900,70,max,1,0.5,,,,",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,agg,900,70,,1,,,,,",
        "owner/Toy-1B,timed_sxm,trtllm,bf16,agg,950,70,,1,,,,,",
    ];

    [Fact]
    public void A_row_says_the_same_beside_others_as_alone()
    {
        using ServingFiles files = new();
        string[] together = Predicted(files, Rows, "1");
        Assert.Equal(together, Predicted(files, Rows, "3"));
        Assert.Equal(together.Reverse(), Predicted(files, [.. Rows.Reverse()], "1"));
        foreach (int row in new[] { 0, 58, 59, 61, 63, 65, 69 })
        {
            Assert.Equal([together[row]], Predicted(files, [Rows[row]], "1"));
        }
    }

    /// <summary>
    /// Twelve layouts in turn, more than a thread keeps an instance of: a release too long to be pooled leaves rows in the table's order, so that each layout is met again after it was
    /// forgotten.
    /// </summary>
    [Fact]
    public void A_layout_that_was_forgotten_says_the_same_when_it_is_met_again()
    {
        const string Release = "0.15.1.dev123+g1a2b3c4d5.d20260101.cu129";
        string[] rows = [.. Enumerable.Range(0, 72).Select(row =>
            $"owner/Toy-1B,timed_sxm,vllm,bf16,agg,{900 + (37 * (row / 12))},{40 + row},{1 << (row % 5)},{1 + (row % 2)},0.4{row % 12 / 2},,,,,{Release}")];
        using ServingFiles files = new();
        string[] together = Predicted(files, rows, "1", $"{Header},backend_version");
        Assert.Equal(together.Reverse(), Predicted(files, [.. rows.Reverse()], "1", $"{Header},backend_version"));
        Assert.Equal([together[^1]], Predicted(files, [rows[^1]], "1", $"{Header},backend_version"));
    }

    private static string[] Predicted(ServingFiles files, string[] rows, string threads, string header = Header)
    {
        FastSimProgram.Outcome outcome = files.Run("predict", $"{header}\n{string.Join('\n', rows)}\n", "--threads", threads);
        Assert.True(outcome.ExitCode is 0 or 3, outcome.Error);
        string[] lines = File.ReadAllLines(files.PathOf("out.csv"));
        Assert.Equal(rows.Length + 1, lines.Length);
        return lines[1..];
    }
}
