using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Plans that several tests ask for, and how their tables and lines are read.</summary>
internal static class PlannedRuns
{
    private static readonly ConcurrentDictionary<string, JsonElement> Plans = new();

    /// <summary>A model of experts.</summary>
    public static string Experts { get; } = Repository.PathOf("examples", "published", "models", "qwen3_30b_a3b.json");

    /// <summary>A dense model in 8 bits.</summary>
    public static string Dense { get; } = Repository.PathOf("examples", "published", "models", "qwen3_8b_fp8.json");

    public static string Chip(string word) => File.Exists(Repository.PathOf("data", "systems", $"{word}.json")) ? Repository.PathOf("data", "systems", $"{word}.json") : word;

    public static string[] Arguments(string model, string cards, params string[] more) =>
        ["plan", model, "--chip", Chip("H100_SXM"), "--cards", cards, "--in", "4000", "--out", "1000", .. more];

    /// <summary>A plan, asked once of what several tests ask, if no file is to be written.</summary>
    public static JsonElement Plan(string model, string cards, params string[] more)
    {
        string[] arguments = [.. Arguments(model, cards, more), "--json"];
        return more.Contains("--save") || more.Contains("-o")
            ? AnswerOf(arguments).GetProperty("chips")[0]
            : Plans.GetOrAdd(string.Join('\n', arguments), _ => AnswerOf(arguments).GetProperty("chips")[0]);
    }

    public static JsonElement AnswerOf(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        return document.RootElement.Clone();
    }

    public static string[] Column(CsvTable table, string name)
    {
        int place = table.Header.ToList().IndexOf(name);
        return [.. table.Rows.Select(row => row[place])];
    }

    public static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    public static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
}
