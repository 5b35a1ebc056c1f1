using System.Text;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Tests;

/// <summary>
/// An ONNX model made by hand, byte for byte of onnx.proto: a product of the features with a matrix of zeros, plus a row of constants. Every
/// operator has the same efficiency and floor.
/// </summary>
public sealed class HandmadeOnnx
{
    public float Efficiency { get; init; } = 0.5f;

    public float FloorMicroseconds { get; init; } = 3;

    public int Features { get; init; } = OperatorFeatures.Count;

    public string FeaturesName { get; init; } = "features";

    public int Answers { get; init; } = 2;

    /// <summary>Rows that the file fixes; null leaves them open.</summary>
    public int? Rows { get; init; }

    public string? FurtherInput { get; init; }

    public int FamilyType { get; init; } = 7;

    public IReadOnlyList<(string Key, string Value)> Metadata { get; init; } =
        [("fastsim.features", "1"), ("fastsim.range.Product", "0.1 1 0 10")];

    public byte[] ToArray()
    {
        byte[] graph =
        [
            .. Message(1, [.. Text(1, FeaturesName), .. Text(1, "zeros"), .. Text(2, "nothing"), .. Text(4, "MatMul")]),
            .. Message(1, [.. Text(1, "nothing"), .. Text(1, "row"), .. Text(2, "timing"), .. Text(4, "Add")]),
            .. Text(2, "by hand"),
            .. Message(5, Tensor("zeros", [Features, Answers], new float[Features * Answers])),
            .. Message(5, Tensor("row", [Answers], [Efficiency, FloorMicroseconds, .. new float[Answers - 2]])),
            .. Message(11, Value(FeaturesName, 1, Dimension(Rows), Features)),
            .. Message(11, Value("family", FamilyType, null, 1)),
            .. FurtherInput is null ? [] : Message(11, Value(FurtherInput, 1, null, 1)),
            .. Message(12, Value("timing", 1, Dimension(Rows), Answers)),
        ];
        return
        [
            .. Number(1, 8),
            .. Message(7, graph),
            .. Message(8, [.. Text(1, ""), .. Number(2, 13)]),
            .. Metadata.SelectMany(line => Message(14, [.. Text(1, line.Key), .. Text(2, line.Value)])),
        ];
    }

    private static byte[] Tensor(string name, int[] dimensions, float[] values) =>
    [
        .. dimensions.SelectMany(dimension => Number(1, dimension)),
        .. Number(2, 1),
        .. Text(8, name),
        .. Message(9, [.. values.SelectMany(BitConverter.GetBytes)]),
    ];

    private static byte[] Value(string name, int type, byte[]? rows, int columns)
    {
        byte[] shape = [.. rows is null ? [] : Message(1, rows), .. Message(1, Number(1, columns))];
        return [.. Text(1, name), .. Message(2, Message(1, [.. Number(1, type), .. Message(2, shape)]))];
    }

    private static byte[] Dimension(int? rows) => rows is { } count ? Number(1, count) : Text(2, "n");

    private static byte[] Text(int field, string text) => Message(field, Encoding.UTF8.GetBytes(text));

    private static byte[] Number(int field, long value) => [.. Variable(field << 3), .. Variable(value)];

    private static byte[] Message(int field, byte[] content) => [.. Variable((field << 3) | 2), .. Variable(content.Length), .. content];

    private static byte[] Variable(long value)
    {
        List<byte> bytes = [];
        for (; value >= 0x80; value >>= 7)
        {
            bytes.Add((byte)(value | 0x80));
        }

        return [.. bytes, (byte)value];
    }
}
