using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Search.Surrogates;
using FastSim.Tests;
using FsCheck;

namespace FastSim.Laws.Tests;

/// <summary>Files of the trainer's, which are computed without a runtime.</summary>
[Laws]
public sealed class TimeNetworkLaws
{
    private const float Tolerance = 1e-5f;

    private static readonly byte[] Limits = File.ReadAllBytes(Repository.PathOf("data", "surrogates", "limits.onnx"));

    /// <summary>
    /// The same graph of another producer is computed by the runtime, to the same answers, whatever the number of rows: to the bit on processors where the runtime adds up in the file's order and
    /// without rounding products, within some units of the last place of a float elsewhere.
    /// </summary>
    [Law(MaxTest = 50)]
    public bool Answers_without_a_runtime_are_those_of_the_runtime(int seed, PositiveInt count)
    {
        byte[] file = (seed & 1) == 0 ? [.. Limits] : RandomSurrogates.Bytes(0);
        using OnnxEfficiency without = OnnxEfficiency.Load(file, "without");
        file[file.AsSpan().IndexOf("FastSim"u8)] = (byte)'f';
        using OnnxEfficiency with = OnnxEfficiency.Load(file, "with");
        Random random = new(seed);
        OperatorFamily family = (OperatorFamily)random.Next(Enum.GetValues<OperatorFamily>().Length);
        int rows = (count.Get % 200) + 1;
        float[] features = [.. Enumerable.Range(0, rows * OperatorComponents.Count).Select(_ => (float)((random.NextDouble() * 20) - 10))];
        float[] found = new float[2 * rows];
        float[] expected = new float[2 * rows];
        without.Evaluate(family, features, found);
        with.Evaluate(family, features, expected);
        return !without.HasRuntime && with.HasRuntime
            && found.Zip(expected).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * (1 + Math.Abs(pair.Second)));
    }

    /// <summary>A file that has anything but the trainer's graph and lines of metadata, each key once, is left to the runtime.</summary>
    [Fact]
    public void Any_other_file_is_left_to_the_runtime()
    {
        byte[] twice = [.. Limits, .. Line("fastsim.features", "2.4")];
        byte[] further = [.. Limits, .. Line("made.by", "hand")];
        using OnnxEfficiency repeated = OnnxEfficiency.Load(twice, "twice");
        using OnnxEfficiency noted = OnnxEfficiency.Load(further, "further");
        using OnnxEfficiency free = OnnxEfficiency.Load(File.ReadAllBytes(Repository.PathOf("data", "surrogates", "operators.onnx")), "operators");
        Assert.True(repeated.HasRuntime);
        Assert.False(noted.HasRuntime);
        Assert.True(free.HasRuntime);
    }

    /// <summary>A line of metadata (onnx.proto): field 14, of a key and a value.</summary>
    private static byte[] Line(string key, string value)
    {
        byte[] own = [0x0A, (byte)key.Length, .. key.Select(letter => (byte)letter), 0x12, (byte)value.Length, .. value.Select(letter => (byte)letter)];
        return [0x72, (byte)own.Length, .. own];
    }
}
