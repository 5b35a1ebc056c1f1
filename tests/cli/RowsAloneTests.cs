using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A row of deployments is predicted as if it were alone, whatever rows stand before it.</summary>
public sealed class RowsAloneTests
{
    private static readonly string[] Columns =
        ["cards", "predicted_ttft_ms", "predicted_tpot_ms", "predicted_tokens_per_second", "step_elementwise_ms", "step_feed_forward_ms", "memory_cache_gib"];

    /// <summary>
    /// Layouts, prompts, answers and clients in several nestings, of one engine whose release is too long a text to be pooled, so that rows come in the table's order: instances
    /// pass their tables on while others that shared their prompts are still asked.
    /// </summary>
    [Fact]
    public void The_order_of_rows_changes_nothing()
    {
        const string Release = "0.15.1.dev123+g1a2b3c4d5.d20260101.cu129";
        List<string> rows = [];
        foreach (string input in new[] { "2000", "1000" })
        {
            foreach (string clients in new[] { "4", "64", "128" })
            {
                foreach (string output in new[] { "100", "300", "200" })
                {
                    foreach ((string cards, string drafts) in new[] { ("1", "0"), ("2", "3"), ("1", "2") })
                    {
                        rows.Add($"owner/Toy-1B,timed_sxm,vllm,{input},{output},{clients},{cards},{drafts},{Release},{(rows.Count % 5 == 0 ? "0.5" : "")}");
                    }
                }
            }
        }

        using ServingFiles files = new();
        string[] forward = Answers(files, rows);
        rows.Reverse();
        string[] backward = Answers(files, rows);
        Assert.Equal(forward, backward.Reverse());
        Assert.Equal(forward[^1], Assert.Single(Answers(files, [rows[0]])));
    }

    private static string[] Answers(ServingFiles files, IEnumerable<string> rows)
    {
        FastSimProgram.Outcome outcome = files.Run(
            "predict",
            $"model_path,system,backend,isl,osl,batch_size,tp_size,draft_tokens,backend_version,random_range_ratio\n{string.Join('\n', rows)}\n",
            "--threads",
            "1");
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = files.Result();
        int[] places = Array.ConvertAll(Columns, column => table.Header.ToList().IndexOf(column));
        return [.. table.Rows.Select(row => string.Join(' ', places.Select(place => row[place])))];
    }
}
