using System.Text.Json;
using System.Text.Json.Nodes;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>sweep --optimise</c> finds what a sweep of all variants finds, byte for byte, and refuses what it has no law for.</summary>
public sealed class OptimiseTests
{
    private static readonly int Spaces = TestLength.Of(100, 18);
    private static readonly int Large = TestLength.Of(2, 0);

    [Fact]
    public void The_best_of_random_spaces_is_that_of_all_their_variants()
    {
        HashSet<string> drawn = [];
        long variants = 0;
        long answered = 0;
        long onFronts = 0;
        int withBest = 0;
        for (int seed = 0; seed < Spaces; seed++)
        {
            bool isLarge = seed < Large;
            using SweepFiles files = DrawnSpaces.Files();
            (string sweep, RandomSpaces space) = DrawnSpaces.Draw(files, seed, isLarge ? 20_000 : 2, isLarge ? 100_000 : 1_500);
            FastSimProgram.Outcome all = FastSimProgram.Run("sweep", "-q", "-c", sweep, "-o", files.PathOf("all"));
            Assert.True(all.ExitCode is 0 or 3, $"seed {seed}: {all.Error}");
            FastSimProgram.Outcome found = FastSimProgram.Run("sweep", "--optimise", "--json", "-c", sweep, "-o", files.PathOf("found"), "--threads", $"{1 + (seed % 3)}");
            Assert.True(found.ExitCode == all.ExitCode, $"seed {seed}: exit code {found.ExitCode} for {all.ExitCode}: {found.Error}\n{File.ReadAllText(sweep)}");
            drawn.UnionWith(space.Drawn);
            using JsonDocument json = JsonDocument.Parse(found.Output);
            variants += json.RootElement.GetProperty("variants").GetInt64();
            answered += json.RootElement.GetProperty("variantsAnswered").GetInt64();
            if (space.Drawn.Any(word => word.StartsWith("front", StringComparison.Ordinal)))
            {
                string front = File.ReadAllText(files.PathOf("all", "pareto.csv"));
                Assert.True(front == File.ReadAllText(files.PathOf("found", "pareto.csv")), $"seed {seed}: another front\n{File.ReadAllText(sweep)}\n{File.ReadAllText(files.PathOf("runtime.json"))}");
                onFronts += front.Count(letter => letter == '\n') - 1;
            }
            else
            {
                Assert.False(File.Exists(files.PathOf("found", "pareto.csv")));
            }

            if (all.ExitCode == 3)
            {
                Assert.False(File.Exists(files.PathOf("found", "best.csv")));
                continue;
            }

            withBest++;
            Assert.True(
                File.ReadAllText(files.PathOf("all", "best.csv")) == File.ReadAllText(files.PathOf("found", "best.csv")),
                $"seed {seed}: another best\n{File.ReadAllText(sweep)}\n{File.ReadAllText(files.PathOf("runtime.json"))}");
            string[] rows = File.ReadAllLines(files.PathOf("found", "optimum.csv"));
            Assert.Empty(rows.Except(File.ReadAllLines(files.PathOf("all", "sweep_result.csv"))));
        }

        Assert.Superset(
            new HashSet<string> { "decode", "fusion", "split", "free", "derived rates", "derived price", "groups", "variable", "filter", "mix", "score", "no score", "front of 2", "front of 3" }, drawn);
        Assert.True(withBest > Spaces / 2, $"{withBest} of {Spaces} spaces have a best");
        Assert.True(onFronts > 10 * Spaces, $"{onFronts} variants are on the fronts of {Spaces} spaces");

        // Of few variants there is little to leave out.
        Assert.True(Large == 0 || answered * 3 < variants * 2, $"{answered} of {variants} variants were answered");
    }

    [Fact]
    public void Threads_change_nothing_of_what_is_found_and_told()
    {
        using SweepFiles files = DrawnSpaces.Files();
        (string sweep, _) = DrawnSpaces.Draw(files, 4, 500, 20_000);
        string[] told = Array.ConvertAll(
            new[] { 1, 2, 7 },
            threads =>
            {
                FastSimProgram.Outcome found = FastSimProgram.Run("sweep", "--optimise", "--json", "-c", sweep, "-o", files.PathOf("found"), "--threads", $"{threads}");
                JsonNode json = JsonNode.Parse(found.Output)!;
                json["searchSeconds"] = 0;
                return $"{json}\n{File.ReadAllText(files.PathOf("found", "best.csv"))}\n{File.ReadAllText(files.PathOf("found", "optimum.csv"))}";
            });
        Assert.Equal([told[0], told[0]], told[1..]);
    }

    /// <summary>
    /// 10^12 variants: a thousand steps each of capacity, bandwidth, matrix rate and link. Dollars fall with nothing but what they are made of, so the
    /// best is a matter of price; each of four numbers is derived.
    /// </summary>
    [Fact]
    public void A_trillion_variants_are_searched_in_seconds()
    {
        TestLength.SkipUnlessLong("10^12 variants take seconds of all cores");
        using SweepFiles files = DrawnSpaces.Files();
        string axes =
            """
            {"name": "a", "range": [1, 1000, 1]}, {"name": "b", "range": [1, 1000, 1]}, {"name": "c", "range": [1, 1000, 1]}, {"name": "d", "range": [1, 1000, 1]}
            """;
        string derive =
            """
            , "derive": [
              {"name": "gib", "path": "system.mem1.GiB", "value": "30 + 0.3 * a"}, {"name": "gbps", "path": "system.mem1.GBps", "value": "1000 + 12 * b"},
              {"name": "fp4", "path": "system.matrix.float4.tflops", "value": "500 + 9 * c"}, {"name": "link", "path": "decode.system.networks[0].bandwidth", "value": "100 + 12 * d"},
              {"name": "price", "path": "system.price_per_hour", "value": "1 + gib / 60 + gbps / 4000 + fp4 / 2000 + link / 9000"}],
            "score": "1 / dollars_per_million_tokens" 
            """;
        FastSimProgram.Outcome found = files.Sweep(axes, derive, "--optimise", "--json");
        Assert.True(found.ExitCode == 0, found.Error);
        using JsonDocument json = JsonDocument.Parse(found.Output);
        Assert.Equal(1_000_000_000_000, json.RootElement.GetProperty("variants").GetInt64());

        // No neighbour of the best is better: one step of any axis either way, answered by a sweep.
        JsonElement best = json.RootElement.GetProperty("best")[0];
        double score = best.GetProperty("score").GetDouble();
        string near = string.Join(
            ", ",
            "abcd".Select(name => (Name: name, Step: best.GetProperty("axes").GetProperty($"{name}").GetInt32()))
                .Select(axis => $$"""{"name": "{{axis.Name}}", "values": [{{string.Join(", ", new[] { axis.Step - 1, axis.Step, axis.Step + 1 }.Where(step => step is >= 1 and <= 1000))}}]}"""));
        Assert.Equal(0, files.Sweep(near, derive, "-q").ExitCode);
        CsvTable table = files.Result();
        int column = table.Header.ToList().IndexOf("score");
        Assert.Equal(score, table.Rows.Max(row => double.Parse(row[column], System.Globalization.CultureInfo.InvariantCulture)));
    }

    [Theory]
    [InlineData(""", "score": "tokens_per_second / tpot_ms" """, "score: found tpot_ms; expected with --optimise a number that has a bound over many variants")]
    [InlineData(""", "score": "if(abcdefab-abcd-abcd-abcd-abcdefabcdef == abcdefab-abcd-abcd-abcd-abcdefabcdef, gib, 2)" """, "score: found abcdefab-abcd-abcd-abcd-abcdefabcdef; expected with --optimise operations that have bounds")]
    [InlineData(""", "score": "Sin(gib)" """, "score: found Sin; expected with --optimise operations that have bounds")]
    [InlineData(""", "filter": "Tan(gib) > 1" """, "filter: found Tan; expected with --optimise operations that have bounds")]
    [InlineData(""", "score": "gib ?? 2" """, "score: found ??; expected with --optimise operations that have bounds")]
    [InlineData(""", "score": "gib!" """, "score: found !; expected with --optimise operations that have bounds")]
    [InlineData(""", "score": "if(gib in (72, 144), 1, 2)" """, "score: found in; expected with --optimise operations that have bounds")]
    [InlineData(""", "score": "if(gib not in (72, 144), 1, 2)" """, "score: found not in; expected with --optimise operations that have bounds")]
    [InlineData(""", "score": "if(gib like '72', 1, 2)" """, "score: found like; expected with --optimise operations that have bounds")]
    [InlineData(""", "score": "if(gib not like '72', 1, 2)" """, "score: found not like; expected with --optimise operations that have bounds")]
    public void What_has_no_bound_is_refused_by_name(string more, string message)
    {
        using SweepFiles files = DrawnSpaces.Files();
        FastSimProgram.Outcome outcome = files.Sweep("""{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""", more, "--optimise");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(""", "accounting": "physical", "engine": "vllm", "timing": "roofline" """, "found plans of an engine (vllm)")]
    [InlineData(""", "accounting": "physical", "engine": "none", "timing": "roofline" """, "expected for --optimise plans of the cost model's operators (\"timing\": \"roofline\" without the key engine, be it \"none\")")]
    [InlineData(""", "objective": "latency" """, "found an objective of latency")]
    public void Jobs_without_the_law_are_refused(string more, string message)
    {
        using SweepFiles files = DrawnSpaces.Files();
        files.Write("decode.json", SweepFiles.Runtime("[[0, 36]]", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\"", more));
        FastSimProgram.Outcome outcome = files.Sweep("""{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""", "", "--optimise");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--front")]
    [InlineData("--plots")]
    [InlineData("--title", "x")]
    public void Options_of_rows_are_refused_beside_it(params string[] option)
    {
        using SweepFiles files = DrawnSpaces.Files();
        FastSimProgram.Outcome outcome = files.Sweep("""{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""", "", ["--optimise", .. option]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"{option[0]}: found beside --optimise", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>Without a price no variant has a score, whether it has a plan or not: 1 or 2 GiB hold no plan.</summary>
    [Theory]
    [InlineData("1, 2", 3)]
    [InlineData("72, 144", 0)]
    public void The_exit_code_tells_no_plan_from_no_score(string gibs, int expected)
    {
        using SweepFiles files = DrawnSpaces.Files();
        string axes = $$"""{"name": "gib", "path": "system.mem1.GiB", "values": [{{gibs}}]}, {"name": "price", "path": "system.price_per_hour", "values": [null]}""";
        const string Score = """, "score": "1 / dollars_per_million_tokens" """;
        FastSimProgram.Outcome found = files.Sweep(axes, Score, "--optimise");
        Assert.True(found.ExitCode == expected, found.Error);
        Assert.Contains(expected == 3 ? "best: none: no variant has a plan" : "best: none: no variant that has a plan has a score", found.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(files.PathOf("out", "best.csv")));
        Assert.Equal(expected, files.Sweep(axes, Score, "-q").ExitCode);
    }

    [Fact]
    public void Results_of_all_variants_and_of_the_best_alone_do_not_mix()
    {
        using SweepFiles files = DrawnSpaces.Files();
        const string Axis = """{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""";
        Assert.Equal(0, files.Sweep(Axis, "", "--optimise", "-q").ExitCode);
        Assert.True(File.Exists(files.PathOf("out", "optimum.csv")));

        // A sweep of all takes the place of what was found alone ...
        Assert.Equal(0, files.Sweep(Axis, "", "-q").ExitCode);
        Assert.False(File.Exists(files.PathOf("out", "optimum.csv")));

        // ... whose rows are not taken away the other way around.
        byte[] rows = File.ReadAllBytes(files.PathOf("out", "sweep_result.csv"));
        FastSimProgram.Outcome refused = files.Sweep(Axis, "", "--optimise");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("found sweep_result.csv of a sweep of all variants", refused.Error, StringComparison.Ordinal);
        Assert.Equal(rows, File.ReadAllBytes(files.PathOf("out", "sweep_result.csv")));
    }

    /// <summary>Whatever the rows are called: their best is not replaced by another question's.</summary>
    [Theory]
    [InlineData("""{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""", "sensitivity.csv")]
    [InlineData("""{"name": "price", "path": "system.price_per_hour", "values": [null, 2]}""", "best.csv")]
    public void Rows_of_all_variants_by_another_name_are_not_mixed_with_either(string axis, string named)
    {
        using SweepFiles files = DrawnSpaces.Files();
        Assert.Equal(0, files.Sweep(axis, """, "result": "rows.csv" """, "-q").ExitCode);
        byte[] best = File.ReadAllBytes(files.PathOf("out", "best.csv"));
        FastSimProgram.Outcome refused = files.Sweep(axis, "", "--optimise");
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains($"found {named} of a sweep of all variants", refused.Error, StringComparison.Ordinal);
        Assert.Equal(best, File.ReadAllBytes(files.PathOf("out", "best.csv")));
    }

    /// <summary>0·(72 − 100) is −0, 0·(144 − 100) is 0: equal, so both are on the front, and both are written 0.</summary>
    [Fact]
    public void Zeros_of_both_signs_are_one_number_on_a_front()
    {
        using SweepFiles files = DrawnSpaces.Files();
        const string Axis = """{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""";
        const string Front = """, "score": "0 * (gib - 100)", "cost": "3", "pareto": [{"maximise": "score"}, {"minimise": "cost"}] """;
        Assert.Equal(0, files.Sweep(Axis, Front, "--optimise", "-q", "-o", files.PathOf("found")).ExitCode);
        Assert.Equal(0, files.Sweep(Axis, Front, "-q", "-o", files.PathOf("all")).ExitCode);
        string[] found = File.ReadAllLines(files.PathOf("found", "pareto.csv"));
        Assert.Equal(File.ReadAllLines(files.PathOf("all", "pareto.csv")), found);
        Assert.Equal(["variant,job,gib,score,cost", "0,0,72,0,3", "1,0,144,0,3"], found);
    }

    [Fact]
    public void Json_names_no_file_that_is_not_there()
    {
        using SweepFiles files = DrawnSpaces.Files();
        const string Axis = """{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""";
        FastSimProgram.Outcome front = files.Sweep(Axis, """, "best": 0, "pareto": [{"minimise": "gib"}, {"maximise": "tokens_per_second_per_card"}] """, "--optimise", "--json");
        JsonNode json = JsonNode.Parse(front.Output)!;
        Assert.Null(json["result"]);
        Assert.Null(json["rows"]);
        Assert.True(File.Exists(json["front"]!.GetValue<string>()));
        Assert.False(File.Exists(files.PathOf("out", "best.csv")));
    }
}
