using System.Buffers.Binary;
using FastSim.Cli.Tests;
using FastSim.Tests;

namespace FastSim.Fuzz.Tests;

/// <summary>Measured operators.</summary>
internal sealed class ParquetFormat : FuzzFormat
{
    private const int Rows = 40;

    private readonly List<(string Name, byte[] Content)> files = [];

    /// <inheritdoc/>
    public override string Name => "parquet";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder)
    {
        long[] Whole(int from) => [.. Enumerable.Range(from, Rows).Select(value => (long)value * 16)];
        double[] Numbers() => [.. Enumerable.Range(1, Rows).Select(value => value * 0.01)];
        string[] Texts(params string[] words) => [.. Enumerable.Range(0, Rows).Select(row => words[row % words.Length])];
        void Add(string name, params (string, Array)[] columns)
        {
            MeasuredParquet.Write(folder.PathOf(name), columns);
            files.Add((name, File.ReadAllBytes(folder.PathOf(name))));
        }

        Add("gemm_perf.parquet", ("gemm_dtype", Texts("bfloat16", "fp8")), ("m", Whole(1)), ("n", Whole(2)), ("k", Whole(3)), ("latency", Numbers()));
        Add(
            "nccl_perf.parquet",
            ("nccl_dtype", Texts("half")),
            ("op_name", Texts("all_reduce", "all_gather")),
            ("num_gpus", Whole(1)),
            ("message_size", Whole(9)),
            ("latency", Numbers()));
        Add(
            "mla_bmm_perf.parquet",
            ("bmm_dtype", Texts("bfloat16", "fp8")),
            ("op_name", Texts("mla_gen_pre", "mla_gen_post")),
            ("num_tokens", Whole(1)),
            ("num_heads", Whole(2)),
            ("latency", Numbers()));
        Add(
            "wideep_deepep_ll_perf.parquet",
            ("node_num", Enumerable.Repeat(1L, Rows).ToArray()),
            ("hidden_size", Whole(8)),
            ("num_token", Whole(1)),
            ("num_topk", Enumerable.Repeat(8L, Rows).ToArray()),
            ("num_experts", Whole(2)),
            ("dispatch_avg_t_us", Numbers()),
            ("combine_avg_t_us", Numbers()));
        Add(
            "dsa_generation_module_perf.parquet",
            ("architecture", Texts("DeepseekV32ForCausalLM", "GlmMoeDsaForCausalLM")),
            ("kernel_source", Texts("indexer_fa3", "skip_indexer_flashmla_kv")),
            ("gemm_type", Texts("bfloat16", "fp8_block")),
            ("kv_cache_dtype", Texts("bfloat16", "fp8")),
            ("batch_size", Whole(1)),
            ("isl", Enumerable.Repeat(1L, Rows).ToArray()),
            ("step", Whole(64)),
            ("num_heads", Whole(1)),
            ("latency", Numbers()));
        string shared = Path.GetFullPath(Repository.PathOf("..", "shared", "cases", "faults", "01-parquet-crash", "gemm_perf.parquet"));
        if (File.Exists(shared))
        {
            files.Add(("gemm_perf.parquet", File.ReadAllBytes(shared)));
        }
    }

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        (string name, byte[] content) = files[random.Next(files.Count)];
        File.WriteAllBytes(folder.PathOf(name), random.Next(2) == 0 ? ByteMutations.Apply(random, content) : SpoiltFooter(random, content));
        return new FuzzCommand(
            [
                "calibrate", "--ops", folder.PathOf(name), "--system", Repository.PathOf("data", "systems", "H100_SXM.json"), "-o",
                folder.PathOf("calibrated.json"), random.Next(2) == 0 ? "-q" : "--json",
            ],
            "calibrated.json");
    }

    /// <summary>Spoils the footer, and keeps its length true, so that what reads it gets further.</summary>
    private static byte[] SpoiltFooter(Random random, byte[] content)
    {
        const int Tail = 8;
        int length = BinaryPrimitives.ReadInt32LittleEndian(content.AsSpan(content.Length - Tail));
        if (length < 1 || length > content.Length - Tail)
        {
            return ByteMutations.Apply(random, content);
        }

        int start = content.Length - Tail - length;
        List<byte> footer = [.. content[start..^Tail]];
        for (int times = random.Next(1, 3); times > 0; times--)
        {
            int place = random.Next(footer.Count);
            switch (random.Next(3))
            {
                case 0:
                    footer[place] = (byte)random.Next(256);
                    break;
                case 1:
                    footer.RemoveAt(place);
                    footer.InsertRange(place, ByteMutations.Varint(random));
                    break;
                default:
                    footer[place] ^= (byte)(1 << random.Next(8));
                    break;
            }
        }

        byte[] size = new byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(size, footer.Count);
        return [.. content[..start], .. footer, .. size, .. "PAR1"u8];
    }
}

/// <summary>Learned efficiencies.</summary>
internal sealed class OnnxFormat : FuzzFormat
{
    private readonly byte[] small = new HandmadeOnnx().ToArray();
    private byte[] shipped = [];

    /// <inheritdoc/>
    public override string Name => "onnx";

    /// <inheritdoc/>
    public override void Prepare(TemporaryFolder folder)
    {
        CopyInputs(folder);
        shipped = File.ReadAllBytes(Repository.PathOf("data", "surrogates", "operators.onnx"));
        folder.Write("w.bin", new string('\0', 256));
    }

    /// <inheritdoc/>
    public override FuzzCommand Next(Random random, TemporaryFolder folder)
    {
        byte[] model = random.Next(20) == 0 ? shipped : small;
        File.WriteAllBytes(
            folder.PathOf("model.onnx"),
            random.Next(3) == 0 ? ByteMutations.Apply(random, model) : ProtocolMutations.Apply(random, model));
        return new FuzzCommand(
            ["run", "-c", folder.PathOf("split.json"), "-o", folder.PathOf("out"), "-q", "--efficiency-model", folder.PathOf("model.onnx")], "out/*.csv");
    }
}
