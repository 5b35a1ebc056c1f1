using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FastSim.Cli.Sweeps;
using FastSim.Kernels.Lanes;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>sweep --optimise</c> in parts: stopped and gone on with, and shards put together, which change no byte of what is found.</summary>
public sealed class OptimisePartTests
{
    private const string Derive =
        """
        "derive": [
          {"name": "gib", "path": "system.mem1.GiB", "value": "72 + 3 * a"}, {"name": "gbps", "path": "system.mem1.GBps", "value": "6000 + 120 * b"},
          {"name": "fp4", "path": "system.matrix.float4.tflops", "value": "4000 + 90 * c"}, {"name": "link", "path": "decode.system.networks[0].bandwidth", "value": "2000 + 120 * d"},
          {"name": "price", "path": "system.price_per_hour", "value": "1 + gib / 60 + gbps / 4000 + fp4 / 2000 + link / 9000"}],
        "score": "1 / dollars_per_million_tokens", "best": 5, "pareto": [{"minimise": "price"}, {"maximise": "tokens_per_second_per_card"}]
        """;

    private static readonly string[] Results = ["best.csv", "optimum.csv", "pareto.csv"];

    /// <summary>
    /// Stopped again and again, each time a round later, from the third time on while a round goes on, it ends with the same files and the same counts
    /// of boxes. Stops are counted in rounds: how far a search comes in a time is the machine's.
    /// </summary>
    [Fact]
    public void A_search_that_was_stopped_goes_on_to_the_same_end()
    {
        using SweepFiles files = new();
        string sweep = Space(files, 20);
        (int exitCode, string whole, _) = Run(files, sweep, new Shard(1, 1), CancellationToken.None);
        Assert.Equal(0, exitCode);
        byte[][] expected = Bytes(files);
        int stops = 0;
        while (true)
        {
            using CancellationTokenSource stop = new();
            (exitCode, string found, string error) = Run(files, sweep, new Shard(1, 1), stop.Token, resume: true, StopAfter(1 + stops, stop, midway: stops > 1));
            if (exitCode == 0)
            {
                Assert.Equal(whole, found);
                break;
            }

            stops++;
            Assert.Equal(130, exitCode);
            Assert.Contains("stopped; --resume goes on from there", error, StringComparison.Ordinal);
            Assert.Equal(["optimise.state", "sweep.lock"], Directory.EnumerateFileSystemEntries(files.PathOf("out")).Select(path => Path.GetFileName(path)!).Order());
        }

        Assert.True(stops > 1, $"stopped {stops} times");
        Assert.Equal(expected, Bytes(files));
        Assert.False(File.Exists(files.PathOf("out", "optimise.state")));
    }

    [Fact]
    public void What_was_stopped_is_gone_on_with_only_as_it_was_asked()
    {
        using SweepFiles files = new();
        string sweep = Space(files, 1000);
        using (CancellationTokenSource stop = new())
        {
            Assert.Equal(130, Run(files, sweep, new Shard(1, 1), stop.Token, afterRound: StopAfter(2, stop, false)).ExitCode);
        }

        Refused("found an unfinished search; expected --resume to go on with it, or --restart to discard it");
        FastSimProgram.Outcome all = FastSimProgram.Run("sweep", "-c", Space(files, 2), "--resume");
        Assert.Equal(2, all.ExitCode);
        Assert.Contains("found an unfinished search, or a shard of one (--optimise)", all.Error, StringComparison.Ordinal);

        // Another question: fewer steps.
        Refused("found a search of other files, options, build or shard", "--resume");
        string state = files.PathOf("out", "optimise.state");
        byte[] bytes = File.ReadAllBytes(state);
        bytes[^1] ^= 1;
        File.WriteAllBytes(state, bytes);
        Refused("found a file that is not as a search left it", "--resume");

        // As whole as can be, but not what this program writes: its first words are a length and a mark.
        bytes[1] ^= 1;
        SHA256.HashData(bytes.AsSpan(0, bytes.Length - SHA256.HashSizeInBytes), bytes.AsSpan(bytes.Length - SHA256.HashSizeInBytes));
        File.WriteAllBytes(state, bytes);
        Refused("found the state of another version of FastSim", "--resume");
        bytes[1] ^= 1;
        byte[] torn = [.. bytes.AsSpan(0, bytes.Length / 2), .. SHA256.HashData(bytes.AsSpan(0, bytes.Length / 2))];
        File.WriteAllBytes(state, torn);
        Refused("found a file that is not as a search left it", "--resume");
        FastSimProgram.Outcome anew = FastSimProgram.Run("sweep", "--optimise", "-q", "-c", sweep, "--restart");
        Assert.True(anew.ExitCode == 0, anew.Error);
        Assert.False(File.Exists(state));

        void Refused(string message, params string[] options)
        {
            FastSimProgram.Outcome outcome = FastSimProgram.Run(["sweep", "--optimise", "-c", sweep, .. options]);
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Shards_put_together_are_what_all_variants_give()
    {
        int withFront = 0;
        for (int seed = 200; seed < 200 + TestLength.Of(30, 6); seed++)
        {
            using SweepFiles files = DrawnSpaces.Files();
            (string sweep, RandomSpaces space) = DrawnSpaces.Draw(files, seed, 50, 3_000);
            FastSimProgram.Outcome all = FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("all"));
            int shards = 2 + (seed % 4);
            for (int shard = 1; shard <= shards; shard++)
            {
                FastSimProgram.Outcome part = FastSimProgram.Run("sweep", "--optimise", "-q", "-c", sweep, "-o", files.PathOf("out"), "--shard", $"{shard}/{shards}");
                Assert.True(part.ExitCode == 0, $"seed {seed}: {part.Error}");
            }

            FastSimProgram.Outcome merged = FastSimProgram.Run("merge", "--optimise", "--json", "-c", sweep, "-o", files.PathOf("out"));
            Assert.True(merged.ExitCode == all.ExitCode, $"seed {seed}: exit code {merged.ExitCode} for {all.ExitCode}: {merged.Error}");
            bool hasFront = space.Drawn.Any(word => word.StartsWith("front", StringComparison.Ordinal));
            withFront += hasFront ? 1 : 0;
            foreach (string name in hasFront ? new[] { "best.csv", "pareto.csv" } : ["best.csv"])
            {
                string expected = Path.Combine(files.PathOf("all"), name);
                string found = Path.Combine(files.PathOf("out"), name);
                Assert.Equal(File.Exists(expected), File.Exists(found));
                Assert.True(!File.Exists(expected) || File.ReadAllText(expected) == File.ReadAllText(found), $"seed {seed}: another {name}\n{File.ReadAllText(sweep)}");
            }

            // Each variant comes to its end in one of the shards, once for each search.
            JsonNode json = JsonNode.Parse(merged.Output)!;
            long ended = json["ends"]!.AsObject().Sum(end => end.Value!["variants"]!.GetValue<long>());
            Assert.Equal(0, ended % json["variants"]!.GetValue<long>());
        }

        Assert.True(withFront > 1);
    }

    [Fact]
    public void A_shard_that_is_missing_unfinished_or_of_another_search_is_named()
    {
        using SweepFiles files = new();
        string sweep = Space(files, 4);
        Assert.Equal(0, FastSimProgram.Run("sweep", "--optimise", "-q", "-c", sweep, "--shard", "1/2").ExitCode);
        Refused("expected shard-2-of-2 as well");
        using (CancellationTokenSource stop = new())
        {
            stop.Cancel();
            Assert.Equal(130, Run(files, sweep, new Shard(2, 2), stop.Token).ExitCode);
        }

        Refused("shard-2-of-2: found an unfinished search; expected a finished one (sweep --optimise --shard 2/2 --resume goes on)");
        Assert.Equal(0, FastSimProgram.Run("sweep", "--optimise", "-q", "-c", sweep, "--shard", "2/2", "--resume").ExitCode);
        FastSimProgram.Outcome rows = FastSimProgram.Run("merge", "-c", sweep);
        Assert.Equal(2, rows.ExitCode);
        Assert.Contains("found a shard of sweep --optimise; expected merge --optimise", rows.Error, StringComparison.Ordinal);
        Space(files, 5);
        Refused("found a shard of another search, or of one whose files changed since");
        Space(files, 4);
        FastSimProgram.Outcome again = FastSimProgram.Run("sweep", "--optimise", "-c", sweep, "--shard", "1/2");
        Assert.Equal(2, again.ExitCode);
        Assert.Contains("found a finished shard of a search; expected merge --optimise", again.Error, StringComparison.Ordinal);

        // A search of all of it that was stopped is not lost to its shards.
        using (CancellationTokenSource stop = new())
        {
            stop.Cancel();
            Assert.Equal(130, Run(files, sweep, new Shard(1, 1), stop.Token).ExitCode);
        }

        byte[] unfinished = File.ReadAllBytes(files.PathOf("out", "optimise.state"));
        Refused("found an unfinished search (--optimise)");
        rows = FastSimProgram.Run("merge", "-c", sweep);
        Assert.Equal(2, rows.ExitCode);
        Assert.Contains("found an unfinished search (--optimise)", rows.Error, StringComparison.Ordinal);
        Assert.Equal(unfinished, File.ReadAllBytes(files.PathOf("out", "optimise.state")));
        File.Delete(files.PathOf("out", "optimise.state"));
        Assert.Equal(0, FastSimProgram.Run("merge", "--optimise", "-q", "-c", sweep).ExitCode);
        byte[][] merged = Bytes(files);
        Assert.Equal(0, Run(files, sweep, new Shard(1, 1), CancellationToken.None).ExitCode);
        Assert.Equal(merged, Bytes(files));

        void Refused(string message)
        {
            FastSimProgram.Outcome outcome = FastSimProgram.Run("merge", "--optimise", "-c", sweep);
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        }
    }

    /// <summary>Four rates of as many steps each, a price of all, the best and a front.</summary>
    private static string Space(SweepFiles files, int steps)
    {
        string axes = string.Join(", ", "abcd".Select(name => $$"""{"name": "{{name}}", "range": [1, {{steps}}, 1]}"""));
        return files.Write("parts.json", $$"""{"runtime": "decode.json", "output": "{{files.PathOf("out")}}", "axes": [{{axes}}], {{Derive}}}""");
    }

    /// <summary>Stops a search after some rounds: then, or a moment later, wherever it is by then.</summary>
    private static Action StopAfter(int rounds, CancellationTokenSource stop, bool midway) => () =>
    {
        rounds--;
        if (rounds == 0 && midway)
        {
            stop.CancelAfter(1);
        }
        else if (rounds == 0)
        {
            stop.Cancel();
        }
    };

    private static byte[][] Bytes(SweepFiles files) => Array.ConvertAll(Results, name => File.ReadAllBytes(files.PathOf("out", name)));

    private static (int ExitCode, string Found, string Error) Run(SweepFiles files, string sweep, Shard shard, CancellationToken cancellation, bool resume = false, Action? afterRound = null)
    {
        Assert.True(File.Exists(files.PathOf("decode.json")));
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = Commands.OptimiseCommand.Run(
            new Commands.SweepOptions(sweep, null, null, false, false, true, 2, LaneWidths.Best, resume, false, shard, false, null, false) { Optimise = true },
            new Commands.Terminal(output, error, isInteractive: false),
            cancellation,
            afterRound);
        if (exitCode != 0)
        {
            return (exitCode, "", error.ToString());
        }

        JsonNode json = JsonNode.Parse(output.ToString())!;
        json["searchSeconds"] = 0;
        return (exitCode, $"{json}", error.ToString());
    }
}
