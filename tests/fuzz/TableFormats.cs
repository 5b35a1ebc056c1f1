using FastSim.Cli.Tests;
using FastSim.Tests;

namespace FastSim.Fuzz.Tests;

/// <summary>Tables of deployments.</summary>
internal sealed class ServingFormat : FuzzFormat
{
    private const string Table = """
        model_path,system,backend,isl,osl,mode,precision,gemm_quant_mode,batch_size,tp_size,attention_dp_size,moe_tp_size,moe_ep_size,prefill_num_workers,decode_batch_size,decode_tp_size,decode_num_workers,silicon_ttft_ms,silicon_tpot_ms,suspect
        owner/Toy-1B,timed_sxm,trtllm,1024,128,agg,fp8,fp8,16,2,1,1,1,,,,,100,10,
        owner/Toy-1B,Timed_SXM,vllm,512,64,disagg,bf16,bfloat16,,,,,,1,8,2,3,50,8,
        owner/Toy-1B,Untimed,sglang,4096,1,agg,,,8,8,1,1,8,,,,,1,2,x
        Toy-1B,Timed_SXM,sglang,100,100,agg,bf16,bfloat16,4,1,1,1,1,,,,,1,2,
        """;

    /// <inheritdoc/>
    public override string Name => "serving";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder)
    {
        using ServingFiles files = new();
        foreach (string part in new[] { "models", "systems" })
        {
            Directory.CreateDirectory(folder.PathOf(part));
            foreach (string file in Directory.GetFiles(files.PathOf(part)))
            {
                File.Copy(file, folder.PathOf(part, Path.GetFileName(file)), overwrite: true);
            }
        }
    }

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        string spoilt = CsvMutations.Apply(random, Table);
        byte[] bytes = System.Text.Encoding.UTF8.GetBytes(spoilt);
        File.WriteAllBytes(folder.PathOf("table.csv"), random.Next(10) == 0 ? ByteMutations.Apply(random, bytes) : bytes);

        string[] table = ["-t", folder.PathOf("table.csv"), "--models", folder.PathOf("models"), "--systems", folder.PathOf("systems")];
        return random.Next(3) switch
        {
            0 => new FuzzCommand(
                ["validate", .. table, "-o", folder.PathOf("out.csv"), "--plot", folder.PathOf("out.svg"), "--json"], "out.csv", "out.svg"),
            1 => new FuzzCommand(["validate", .. table, "--worst", "3"]),
            _ => new FuzzCommand(["predict", .. table, "-o", folder.PathOf("out.csv")], "out.csv"),
        };
    }
}

/// <summary>Journals of unfinished sweeps, and the rows they vouch for.</summary>
/// <param name="result">How the sweep's result ends, which says whether the rows are text or columns.</param>
internal sealed class JournalFormat(string result) : FuzzFormat
{
    private byte[] journal = [];
    private byte[] rows = [];

    /// <inheritdoc/>
    public override string Name => result == "csv" ? "journal" : "columns";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder)
    {
        CopyInputs(folder);
        folder.Write(
            "sweep.json",
            $$"""{"runtime": "split.json", "output": "out", "result": "rows.{{result}}", "report": false, "cost": "gib", "filter": "gbps < 50.8", "axes": [{"name": "gib", "path": "system.mem1.GiB", "geometric": [1, 2, 100]}, {"name": "gbps", "path": "system.mem1.GBps", "geometric": [50, 100, 100]}]}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-q", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"), "--shard", "1/2");
        Assert.Equal(0, outcome.ExitCode);
        journal = File.ReadAllBytes(folder.PathOf("out", "shard-1-of-2", "sweep_result.journal"));
        rows = File.ReadAllBytes(folder.PathOf("out", "shard-1-of-2", "sweep_result.partial"));
    }

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        string part = folder.PathOf("out", "shard-1-of-2");
        Directory.CreateDirectory(part);
        bool spoilsRows = random.Next(3) == 0;
        File.WriteAllBytes(Path.Combine(part, "sweep_result.journal"), spoilsRows ? journal : Spoilt(random));
        File.WriteAllBytes(Path.Combine(part, "sweep_result.partial"), spoilsRows ? ByteMutations.Apply(random, rows) : rows);
        return random.Next(4) == 0
            ? new FuzzCommand(["merge", "-q", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out")], "out/*.csv")
            : new FuzzCommand(["sweep", "-q", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"), "--shard", "1/2", "--resume"], "out/*.csv");
    }

    private byte[] Spoilt(Random random)
    {
        if (random.Next(2) == 0)
        {
            return ByteMutations.Apply(random, journal);
        }

        string[] lines = System.Text.Encoding.UTF8.GetString(journal).Split('\n');
        int line = random.Next(lines.Length);
        string[] fields = lines[line].Split(',');
        fields[random.Next(fields.Length)] = Words.Number(random);
        lines[line] = string.Join(',', fields);
        return System.Text.Encoding.UTF8.GetBytes(string.Join('\n', lines));
    }
}
