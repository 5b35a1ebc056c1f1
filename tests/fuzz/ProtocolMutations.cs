using System.Text;

namespace FastSim.Fuzz.Tests;

/// <summary>Spoils a message of Protocol Buffers by its fields, and keeps lengths true, so that what reads it gets further.</summary>
internal static class ProtocolMutations
{
    private const int LengthDelimited = 2;

    private static readonly string[] Operators =
    [
        "Loop", "If", "Scan", "ConstantOfShape", "Expand", "Tile", "Range", "Relu", "Exp", "Log", "Sqrt", "Div", "MatMul", "Gemm", "Reshape", "Transpose",
        "Concat", "Gather", "Squeeze", "Pad", "RandomNormal", "SequenceEmpty", "Identity", "Cast", "Shape", "Resize", "Einsum", "NonZero", "Optional",
    ];

    private static readonly string[] Names = ["features", "family", "timing", "zeros", "row", "nothing", "n", "location", "w.bin", "../w.bin", "/etc/passwd", "\0"];

    /// <summary>Spoils a message.</summary>
    public static byte[] Apply(Random random, byte[] message)
    {
        byte[] spoilt = message;
        for (int times = random.Next(1, 4); times > 0; times--)
        {
            spoilt = Spoil(random, spoilt, 0);
        }

        return spoilt;
    }

    private static byte[] Spoil(Random random, byte[] message, int depth)
    {
        if (Fields(message) is not { Count: > 0 } fields)
        {
            return ByteMutations.Apply(random, message);
        }

        int place = random.Next(fields.Count);
        Field field = fields[place];

        // Deeper, where there is something that may be a message.
        if (field.Type == LengthDelimited && depth < 8 && random.Next(4) > 0)
        {
            fields[place] = field with { Content = Fields(field.Content) is { Count: > 0 } ? Spoil(random, field.Content, depth + 1) : Scalar(random, field.Content) };
            return Bytes(fields);
        }

        switch (random.Next(6))
        {
            case 0:
                fields.RemoveAt(place);
                break;
            case 1:
                fields.Insert(random.Next(fields.Count), field);
                break;
            case 2:
                fields[place] = field with { Number = random.Next(1, 30) };
                break;
            case 3 when field.Type == 0:
                fields[place] = field with { Content = ByteMutations.Varint(random) };
                break;
            case 4:
                for (int copies = random.Next(1, 200); copies > 0; copies--)
                {
                    fields.Add(field);
                }

                break;
            default:
                (fields[place], fields[0]) = (fields[0], fields[place]);
                break;
        }

        return Bytes(fields);
    }

    private static byte[] Scalar(Random random, byte[] content) => random.Next(5) switch
    {
        0 => Encoding.UTF8.GetBytes(Operators[random.Next(Operators.Length)]),
        1 => Encoding.UTF8.GetBytes(Names[random.Next(Names.Length)]),
        2 => Encoding.UTF8.GetBytes(Words.Text(random).Replace("\ud800", "?", StringComparison.Ordinal)),
        3 => [],
        _ => ByteMutations.Apply(random, content),
    };

    private static byte[] Bytes(List<Field> fields)
    {
        List<byte> bytes = [];
        foreach (Field field in fields)
        {
            Add(bytes, ((ulong)field.Number << 3) | (uint)field.Type);
            if (field.Type == LengthDelimited)
            {
                Add(bytes, (ulong)field.Content.Length);
            }

            bytes.AddRange(field.Content);
        }

        return [.. bytes];
    }

    /// <summary>The fields of a message; null where the bytes are none.</summary>
    private static List<Field>? Fields(byte[] message)
    {
        List<Field> fields = [];
        int position = 0;
        while (position < message.Length)
        {
            int start = position;
            if (Varint(message, ref position) is not { } key || key >> 3 is 0 or > 100)
            {
                return null;
            }

            start = position;
            switch (key & 7)
            {
                case 0 when Varint(message, ref position) is not null:
                    break;
                case 1 when position + 8 <= message.Length:
                    position += 8;
                    break;
                case 2 when Varint(message, ref position) is { } length && length <= (ulong)(message.Length - position):
                    start = position;
                    position += (int)length;
                    break;
                case 5 when position + 4 <= message.Length:
                    position += 4;
                    break;
                default:
                    return null;
            }

            fields.Add(new Field((int)(key >> 3), (int)(key & 7), message[start..position]));
        }

        return fields;
    }

    private static ulong? Varint(byte[] message, ref int position)
    {
        ulong number = 0;
        for (int shift = 0; shift < 64 && position < message.Length; shift += 7)
        {
            byte next = message[position++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        return null;
    }

    private static void Add(List<byte> bytes, ulong number)
    {
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        bytes.Add((byte)number);
    }

    private sealed record Field(int Number, int Type, byte[] Content);
}
