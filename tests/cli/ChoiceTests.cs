using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What <c>fastsim validate</c> says of choices between deployments, and of intervals.</summary>
public sealed class ChoiceTests
{
    private const string Header = "model_path,system,backend,precision,mode,isl,osl,gemm_quant_mode,batch_size,tp_size,attention_dp_size,suspect,silicon_ttft_ms,silicon_tpot_ms";

    /// <summary>
    /// One card, 1, 2, 4 and 8 clients, 100 tokens an answer. Cycles of 1200, 1200, 1200 and 2600 ms: 83.3, 166.7, 333.3 and 307.7 tokens/s a card; 100,
    /// 90.9, 111.1 and 40 tokens/s a user. More clients are predicted to have more tokens/s a card and fewer a user.
    /// </summary>
    private static readonly string[] Rows = [Row(1, 1, 200, 10), Row(2, 1, 100, 11), Row(4, 1, 300, 9), Row(8, 1, 100, 25)];

    [Fact]
    public void A_choice_is_judged_by_order_by_what_is_picked_and_by_what_that_gives_away()
    {
        using ServingFiles files = new();
        JsonElement[] choices = Choices(files, Rows);
        CsvTable predicted = files.Result();
        double[] tokens = [.. Enumerable.Range(0, 4).Select(row => Number(predicted, row, "predicted_tpot_ms"))];
        double[] cards = [.. Enumerable.Range(0, 4).Select(row => Number(predicted, row, "predicted_tokens_per_second_per_card"))];
        Assert.Equal(tokens.Order(), tokens);
        Assert.Equal(cards.Order(), cards);
        Assert.InRange(tokens[3], 0.1, 10);

        // By tokens/s a card. Ranks of measured 0, 1, 3, 2, of predicted 0, 1, 2, 3, about their mean: (2.25 + 0.25 + 0.75 + 0.75) / 5 = 0.8. Only
        // 333.3 and 307.7 are 5 to 50 % apart, and they are predicted the other way round. The pick, 307.7, lacks 1 - 12/13 of 333.3.
        JsonElement card = choices[0];
        Assert.Equal(("tokensPerSecondPerCard", false), (card.GetProperty("by").GetString(), card.GetProperty("atEqualClientsPerCard").GetBoolean()));
        Assert.Equal((1, 4), (Count(card, "groups"), Count(card, "deployments")));
        Assert.Equal(0.8, card.GetProperty("rankCorrelation").GetDouble(), 9);
        Assert.Equal((1, 0, 0), (Count(card, "pairs"), Count(card, "pairsInOrder"), Count(card, "best")));
        Assert.Equal(1 / 13d, card.GetProperty("meanRegret").GetDouble(), 9);

        // By tokens/s a user. Ranks 2, 1, 3, 0 and 3, 2, 1, 0: (0.75 - 0.25 - 0.75 + 2.25) / 5 = 0.4. Pairs: 100 and 90.9 in order, 111.1 with either
        // not; 40 is too far from all. The pick, 100, lacks a tenth of 111.1.
        JsonElement user = choices[1];
        Assert.Equal("tokensPerSecondPerUser", user.GetProperty("by").GetString());
        Assert.Equal(0.4, user.GetProperty("rankCorrelation").GetDouble(), 9);
        Assert.Equal((3, 1, 0), (Count(user, "pairs"), Count(user, "pairsInOrder"), Count(user, "best")));
        Assert.Equal(0.1, user.GetProperty("meanRegret").GetDouble(), 9);

        // All are predicted within every limit, so 8 clients are picked: their 25 ms miss 10 and 20. No two have as many clients a card.
        Assert.Equal(
            [(10, 1, 1), (20, 1, 1), (30, 1, 0), (50, 1, 0)],
            choices[2..].Select(choice => ((int)choice.GetProperty("mostMillisecondsPerToken").GetDouble(), Count(choice, "groups"), Count(choice, "missed"))));
        Assert.False(choices[2].TryGetProperty("meanRegret", out _));
        Assert.Equal(1 / 13d, choices[4].GetProperty("meanRegret").GetDouble(), 9);

        // Close is what is no worse than the pick is at the bad end of its interval.
        double first = Number(predicted, 3, "predicted_ttft_ms");
        double atWorst = 8 * 100 / (first + (100 * Number(predicted, 3, "predicted_tpot_high_ms"))) * 1000;
        Assert.Equal(cards[2] >= atWorst ? 1 : 0, Count(card, "tooClose"));
        Assert.Equal(tokens[1] <= Number(predicted, 0, "predicted_tpot_high_ms") ? 1 : 0, Count(user, "tooClose"));
    }

    [Fact]
    public void Only_deployments_of_as_many_clients_a_card_are_chosen_between_at_an_equal_load()
    {
        // 8 clients on two cards and 4 on one; 16 on two cards was measured twice: 18, the middle of 16 and 20 ms, not 12 as the row that is suspect says.
        using ServingFiles files = new();
        JsonElement[] choices = Choices(
            files,
            [Row(8, 2, 100, 10), Row(4, 1, 100, 11), Row(16, 2, 100, 16), Row(16, 2, 100, 20), Row(16, 2, 100, 12, suspect: "layout"), Row(8, 1, 100, 9)]);
        CsvTable predicted = files.Result();
        Assert.True(Number(predicted, 0, "predicted_tpot_ms") < Number(predicted, 1, "predicted_tpot_ms"));
        Assert.True(Number(predicted, 2, "predicted_tpot_ms") < Number(predicted, 5, "predicted_tpot_ms"));
        JsonElement user = Assert.Single(choices, choice => choice.GetProperty("by").GetString() == "tokensPerSecondPerUser" && choice.GetProperty("atEqualClientsPerCard").GetBoolean());

        // Two groups of two, two cards picked in both: 10 before 11 ms (10 % apart, in order), 18 in place of 9 ms (100 % apart: no pair), which lacks half
        // of the speed and so a quarter in the mean; no correlation of two.
        Assert.Equal((2, 4, 1, 1, 1), (Count(user, "groups"), Count(user, "deployments"), Count(user, "pairs"), Count(user, "pairsInOrder"), Count(user, "best")));
        Assert.Equal(0.25, user.GetProperty("meanRegret").GetDouble(), 9);
        Assert.False(user.TryGetProperty("rankCorrelation", out _));
    }

    [Fact]
    public void Nothing_is_chosen_by_what_was_not_measured()
    {
        using ServingFiles files = new();
        JsonElement[] choices = Choices(files, [Row(1, 1, null, 10), Row(2, 1, null, 11), Row(4, 1, 300, 9)]);

        // Only 4 clients state a first-token time: users' speeds alone compare.
        Assert.Equal(["tokensPerSecondPerUser"], choices.Select(choice => choice.GetProperty("by").GetString()));
        Assert.Equal(3, Count(choices[0], "deployments"));
    }

    [Fact]
    public void A_table_without_two_deployments_of_a_load_says_so()
    {
        using ServingFiles files = new();
        string table = Table([Row(1, 1, 100, 10), Row(1, 1, 100, 11), Row(2, 1, 100, 10).Replace(",512,", ",513,", StringComparison.Ordinal)]);
        FastSimProgram.Outcome outcome = files.Run("validate", table, "--choices");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("choices: found no two deployments of one model, chip, engine, precision,", outcome.Output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(files.Run("validate", table, "--choices", "--json").Output);
        Assert.Equal(0, json.RootElement.GetProperty("choices").GetArrayLength());
    }

    [Fact]
    public void The_table_is_printed_when_asked_for_and_fits()
    {
        using ServingFiles files = new();
        Assert.DoesNotContain("missed", files.Run("validate", Table(Rows)).Output, StringComparison.Ordinal);
        string output = files.Run("validate", Table(Rows), "--choices").Output;
        Assert.Contains("  card               1     4  0.800      1    0.0   0.0    7.69", output, StringComparison.Ordinal);
        Assert.Contains("  card, ≤20 ms       1     4                        0.0           100.0", output, StringComparison.Ordinal);
        int start = output.IndexOf("choices between", StringComparison.Ordinal);
        Assert.All(output[start..].Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Fact]
    public void Coverage_counts_measured_times_within_the_intervals()
    {
        using ServingFiles files = new();
        Choices(files, Rows);
        CsvTable predicted = files.Result();
        double low = Number(predicted, 0, "predicted_tpot_low_ms");
        double token = Number(predicted, 0, "predicted_tpot_ms");
        double high = Number(predicted, 0, "predicted_tpot_high_ms");
        Assert.True(low < token && token < high);
        Assert.Equal(token, Math.Sqrt(low * high), 9);

        // Two of four times lie between the ends.
        string table = Table([Row(1, 1, 100, low * 1.001), Row(1, 1, 100, high * 0.999), Row(1, 1, 100, low * 0.999), Row(1, 1, 100, high * 1.001)]);
        using JsonDocument json = JsonDocument.Parse(files.Run("validate", table, "--json").Output);
        JsonElement coverage = Assert.Single(json.RootElement.GetProperty("intervals").EnumerateArray());
        Assert.Equal(("agg", 4, 2), (coverage.GetProperty("kind").GetString(), Count(coverage, "rows"), Count(coverage, "within")));
        Assert.Contains("measured TPOT within its 80 % interval: agg 50.0 % of 4", files.Run("validate", table).Output, StringComparison.Ordinal);
    }

    private static string Row(int batch, int tensorParallel, double? firstToken, double perToken, string suspect = "") => string.Create(
        CultureInfo.InvariantCulture, $"owner/Toy-1B,timed_sxm,vllm,fp8,agg,512,100,fp8,{batch},{tensorParallel},1,{suspect},{firstToken},{perToken:R}");

    private static string Table(IEnumerable<string> rows) => $"{Header}\n{string.Join('\n', rows)}\n";

    private static JsonElement[] Choices(ServingFiles files, IEnumerable<string> rows)
    {
        FastSimProgram.Outcome outcome = files.Run("validate", Table(rows), "--choices", "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        return [.. json.RootElement.GetProperty("choices").Clone().EnumerateArray()];
    }

    private static int Count(JsonElement json, string name) => json.GetProperty(name).GetInt32();

    private static double Number(CsvTable table, int row, string column) =>
        double.Parse(table.Rows[row][table.Header.ToList().IndexOf(column)], CultureInfo.InvariantCulture);
}
