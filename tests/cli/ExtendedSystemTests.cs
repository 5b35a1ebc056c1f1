using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Systems that extend another: what they take from it, what they say otherwise, and what is refused.</summary>
public sealed class ExtendedSystemTests
{
    private const string Toy = "toy.json";

    /// <summary>The sheet of what is written as a difference is that of the same system written whole.</summary>
    [Fact]
    public void A_difference_is_the_system_written_whole()
    {
        using TemporaryFolder folder = Folder();
        string whole = File.ReadAllText(folder.PathOf(Toy));
        using JsonDocument document = JsonDocument.Parse(whole);
        JsonElement toy = document.RootElement;
        string capacity = toy.GetProperty("mem1").GetProperty("GiB").GetRawText();
        string latency = toy.GetProperty("networks")[0].GetProperty("latency").GetRawText();
        string edited = whole
            .Replace($"\"GiB\": {capacity}", "\"GiB\": 12.5", StringComparison.Ordinal)
            .Replace($"\"latency\": {latency}", "\"latency\": 0.25", StringComparison.Ordinal);
        Assert.Contains("12.5", edited, StringComparison.Ordinal);
        Assert.Contains("0.25", edited, StringComparison.Ordinal);
        folder.Write("whole.json", edited);
        string places = string.Join(", ", Enumerable.Range(0, toy.GetProperty("networks").GetArrayLength())
            .Where(tier => toy.GetProperty("networks")[tier].GetProperty("latency").GetRawText() == latency)
            .Select(tier => $"\"{tier}\": {{\"latency\": 0.25}}"));
        folder.Write("difference.json", $$"""{"extends": "{{Toy}}", "mem1": {"GiB": 12.5}, "networks": { {{places}} }, "processing_mode": "roofline" }""");
        Assert.Equal(Sheet(folder, "whole.json"), Sheet(folder, "difference.json"));
        Assert.NotEqual(Sheet(folder, Toy), Sheet(folder, "difference.json"));
    }

    /// <summary>Extending goes through several files, the nearest says most, and null takes a key away: a network tier's outer reach stays the first's.</summary>
    [Fact]
    public void The_nearest_of_several_counts()
    {
        using TemporaryFolder folder = Folder();
        Directory.CreateDirectory(folder.PathOf("own"));
        folder.Write("middle.json", """{"extends": "toy.json", "name": "Middle", "price_per_hour": 3, "mem1": {"GiB": 11, "GBps": 900}}""");
        folder.Write(Path.Combine("own", "last.json"), """{"extends": "../middle.json", "name": "Last", "price_per_hour": null, "mem1": {"GiB": 13}}""");
        string sheet = Sheet(folder, Path.Combine("own", "last.json"));
        Assert.Contains("Last", sheet, StringComparison.Ordinal);
        Assert.Contains("13 GiB", sheet, StringComparison.Ordinal);
        Assert.Contains("900 GB/s", sheet, StringComparison.Ordinal);
        Assert.DoesNotContain("$", sheet, StringComparison.Ordinal);
    }

    /// <summary>What was measured is the other chip's, and an estimate says so.</summary>
    [Fact]
    public void Operators_of_the_other_chip_are_carried()
    {
        using ServingFiles files = new();
        File.WriteAllText(files.PathOf("systems", "Wide.json"), """{"extends": "Timed_SXM.json", "name": "Wide", "mem1": {"GBps": 6700}}""");
        FastSimProgram.Outcome outcome = files.Run("predict", "model_path,system,backend,isl,osl,batch_size,tp_size\nowner/Toy-1B,wide,vllm,1000,100,4,1\n");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument timed = JsonDocument.Parse(File.ReadAllText(files.PathOf("systems", "Timed_SXM.json")));
        Assert.Contains($"operators of {timed.RootElement.GetProperty("name").GetString()}", File.ReadAllText(files.PathOf("out.csv")), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"extends": "tox.json", "name": "X"}""", "extends: found \"tox.json\"; expected the path of the system that this one extends, from this file's folder; there is no such file; did you mean \"toy.json\"?")]
    [InlineData("""{"extends": "x.json", "name": "X"}""", "extends: found \"x.json\"; expected a system that does not extend this one in turn")]
    [InlineData("""{"extends": 3, "name": "X"}""", "extends: found 3; expected the path of the system that this one extends")]
    [InlineData("""{"extends": "toy.json", "mem1": {"GIB": 3}}""", "mem1.GIB: found an unknown key; expected a key of this format; did you mean \"GiB\"?")]
    [InlineData("""{"extends": "toy.json", "mem1": {"GiB": null}}""", "mem1.GiB: found nothing; expected a number above 0")]
    [InlineData("""{"extends": "toy.json", "networks": {"9": {"latency": 1}}}""", "networks.9: found \"9\"; expected a list, or an object whose keys are places of the extended list, 0 to 1")]
    [InlineData("""{"extends": "toy.json", "mem1": {"GiB": 3, "GiB": 4}}""", "mem1.GiB: found the key twice; expected it once")]
    public void A_difference_that_cannot_be_is_refused(string text, string message)
    {
        using TemporaryFolder folder = Folder();
        folder.Write("x.json", text);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("system", "show", folder.PathOf("x.json"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal($"error: {folder.PathOf("x.json")}: {message}\n", outcome.Error);
    }

    /// <summary>A fault of the other system is told of its own file.</summary>
    [Fact]
    public void A_fault_below_names_the_file_below()
    {
        using TemporaryFolder folder = Folder();
        folder.Write("broken.json", File.ReadAllText(folder.PathOf(Toy)).Replace("\"GBps\"", "\"GBsp\"", StringComparison.Ordinal));
        folder.Write("x.json", """{"extends": "broken.json", "name": "X"}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("system", "show", folder.PathOf("x.json"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"error: {folder.PathOf("broken.json")}: mem1.", outcome.Error, StringComparison.Ordinal);
    }

    private static TemporaryFolder Folder()
    {
        TemporaryFolder folder = new();
        string[] lines = File.ReadAllLines(Repository.PathOf("tests", "cli", "inputs", "chip.json"));
        folder.Write(Toy, string.Join('\n', lines.Where(line => !line.Contains("mem2", StringComparison.Ordinal))));
        return folder;
    }

    private static string Sheet(TemporaryFolder folder, string file)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("system", "show", folder.PathOf(file));
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        return outcome.Output;
    }
}
