using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The container file, read without a builder: what it runs and copies of the repository is there, and each stage copies from one before it.</summary>
public sealed class ContainerTests
{
    [Fact]
    public void What_it_names_is_there()
    {
        List<string> stages = [];
        int copies = 0;
        string entry = "";
        foreach (string line in File.ReadAllLines(Repository.PathOf("packaging", "Containerfile")).Where(line => line.Length > 0 && line[0] != '#'))
        {
            string[] words = line.Split(' ', StringSplitOptions.RemoveEmptyEntries);
            switch (words[0])
            {
                case "FROM":
                    Assert.StartsWith("mcr.microsoft.com/dotnet/", words[1], StringComparison.Ordinal);
                    stages.Add(words is [_, _, "AS", var name] ? name : "");
                    break;
                case "COPY" when words[1].StartsWith("--from=", StringComparison.Ordinal):
                    Assert.Contains(words[1]["--from=".Length..], stages.SkipLast(1));
                    Assert.Equal("/opt/fastsim", words[2]);
                    copies++;
                    break;
                case "COPY":
                    Assert.All(words[1..^1], path => Assert.True(path == "." || File.Exists(Repository.PathOf(path)) || Directory.Exists(Repository.PathOf(path)), path));
                    copies++;
                    break;
                case "RUN" when words[1].StartsWith("packaging/", StringComparison.Ordinal):
                    Assert.True(File.Exists(Repository.PathOf(words[1])), words[1]);
                    Assert.Contains("tar -xzf /archive/fastsim-linux-x64.tar.gz", line, StringComparison.Ordinal);
                    break;
                case "ENTRYPOINT":
                    entry = line;
                    break;
                case "RUN" or "WORKDIR":
                    break;
                default:
                    Assert.Fail($"{words[0]}: expected FROM, COPY, RUN, WORKDIR or ENTRYPOINT");
                    break;
            }
        }

        Assert.Equal((2, 2, "ENTRYPOINT [\"fastsim\"]"), (stages.Count, copies, entry));

        // The archive's own words: the name of the file, and of the folder in it.
        string archive = File.ReadAllText(Repository.PathOf("packaging", "archive"));
        Assert.Contains("\"$folder/fastsim-linux-x64.tar.gz\" fastsim", archive, StringComparison.Ordinal);
        Assert.All(["**/bin", "**/obj", ".git"], left => Assert.Contains(left, File.ReadAllLines(Repository.PathOf(".dockerignore"))));
    }
}
