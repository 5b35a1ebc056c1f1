using System.Diagnostics;
using System.Globalization;
using FastSim.Tests;
using YamlDotNet.RepresentationModel;

namespace FastSim.Cli.Tests;

/// <summary>The indexed job of docs/cluster: what its manifest says, and its containers' command run as the indices of one.</summary>
public sealed class KubernetesTests
{
    private readonly YamlMappingNode job = Load();

    [Fact]
    public void The_manifest_is_an_indexed_job_of_as_many_shards_as_completions()
    {
        Assert.Equal("batch/v1", Text(job, "apiVersion"));
        Assert.Equal("Job", Text(job, "kind"));
        YamlNode spec = job["spec"];
        Assert.Equal("Indexed", Text(spec, "completionMode"));
        Assert.Equal(Text(spec, "completions"), Environments(Container())["SHARDS"]);

        // Limits by index are allowed of pods alone that are never restarted in place.
        Assert.True(int.Parse(Text(spec, "backoffLimitPerIndex"), CultureInfo.InvariantCulture) > 0);
        Assert.Equal("Never", Text(spec["template"]["spec"], "restartPolicy"));
        string[] volumes = [.. ((YamlSequenceNode)spec["template"]["spec"]["volumes"]).Select(volume => Text(volume, "name"))];
        string[] mounted = [.. ((YamlSequenceNode)Container()["volumeMounts"]).Select(mount => Text(mount, "name"))];
        Assert.Equal(volumes.Order(), mounted.Order());
        YamlNode rule = ((YamlSequenceNode)spec["podFailurePolicy"]["rules"]).Single(each => Text(each, "action") == "FailIndex");
        Assert.Equal(Text(Container(), "name"), Text(rule["onExitCodes"], "containerName"));
        Assert.Equal(["2"], ((YamlSequenceNode)rule["onExitCodes"]["values"]).Select(value => ((YamlScalarNode)value).Value!));
    }

    [Fact]
    public void A_shard_that_is_lost_is_done_again_alone_and_all_leave_the_bytes_of_one_run()
    {
        if (!File.Exists("/bin/sh"))
        {
            Assert.Skip("there is no /bin/sh");
        }

        using SweepFiles files = new();
        TestLength.SkipUnlessLong("three processes and two again");
        string sweep = files.Write(
            "long.json",
            """
            {"runtime": "decode.json", "output": "out", "axes": [
              {"name": "gib", "path": "system.mem1.GiB", "geometric": [36, 288, 100]},
              {"name": "gbps", "path": "system.mem1.GBps", "geometric": [2000, 16000, 64]}]}
            """);
        Assert.Equal(0, FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("whole")).ExitCode);
        const int Shards = 3;
        for (int index = 0; index < Shards; index++)
        {
            Assert.Equal(0, Run(index, Shards, sweep, files.PathOf("parts")));
        }

        // The disk of one node is lost, that of another was full in the middle of its rows.
        Directory.Delete(files.PathOf("parts", "shard-2-of-3"), recursive: true);
        string torn = files.PathOf("parts", "shard-3-of-3", "sweep_result.partial");
        File.WriteAllBytes(torn, File.ReadAllBytes(torn)[..^1000]);
        DateTime kept = File.GetLastWriteTimeUtc(files.PathOf("parts", "shard-1-of-3", "sweep_result.partial"));
        FastSimProgram.Outcome refused = FastSimProgram.Run("merge", "-c", sweep, "-o", files.PathOf("parts"));
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("shard-2-of-3", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, Run(1, Shards, sweep, files.PathOf("parts")));
        Assert.Equal(0, Run(2, Shards, sweep, files.PathOf("parts")));
        Assert.Equal(kept, File.GetLastWriteTimeUtc(files.PathOf("parts", "shard-1-of-3", "sweep_result.partial")));
        Assert.Equal(0, FastSimProgram.Run("merge", "-q", "-c", sweep, "-o", files.PathOf("parts")).ExitCode);
        foreach (string name in new[] { "sweep_result.csv", "best.csv", "sensitivity.csv", "report.html" })
        {
            Assert.True(
                File.ReadAllBytes(files.PathOf("whole", name)).AsSpan().SequenceEqual(File.ReadAllBytes(files.PathOf("parts", name))), name);
        }
    }

    /// <summary>Runs the container's command as an index of the job.</summary>
    private int Run(int index, int shards, string sweep, string results)
    {
        YamlNode container = Container();
        string[] command = [.. ((YamlSequenceNode)container["command"]).Concat((YamlSequenceNode)container["args"]).Select(part => ((YamlScalarNode)part).Value!)];
        ProcessStartInfo start = new(command[0], command[1..]);
        start.Environment["JOB_COMPLETION_INDEX"] = $"{index}";
        foreach (string name in Environments(container).Keys)
        {
            start.Environment[name] = name switch
            {
                "SHARDS" => $"{shards}",
                "SWEEP" => sweep,
                "RESULTS" => results,
                "FASTSIM" => $"dotnet {Path.Combine(AppContext.BaseDirectory, "fastsim.dll")}",
                _ => throw new InvalidOperationException($"the test knows no {name}"),
            };
        }

        using Process process = Process.Start(start)!;
        process.WaitForExit();
        return process.ExitCode;
    }

    private YamlNode Container() => ((YamlSequenceNode)job["spec"]["template"]["spec"]["containers"]).Single();

    private static Dictionary<string, string> Environments(YamlNode container) =>
        ((YamlSequenceNode)container["env"]).ToDictionary(each => Text(each, "name"), each => Text(each, "value"));

    private static string Text(YamlNode node, string key) => ((YamlScalarNode)node[key]).Value!;

    private static YamlMappingNode Load()
    {
        YamlStream stream = [];
        using StreamReader reader = File.OpenText(Repository.PathOf("docs", "cluster", "sweep.yaml"));
        stream.Load(reader);
        return (YamlMappingNode)Assert.Single(stream.Documents).RootNode;
    }
}
