namespace FastSim.Cli.Calibration;

/// <summary>
/// Reads Thrift's compact protocol with every count held against the bytes that are left and every field against the type it must have: a
/// reader that trusts either loops, or allocates what a forged count says.
/// </summary>
/// <param name="bytes">The bytes.</param>
/// <param name="start">Where the first struct begins.</param>
internal ref struct ThriftReader(ReadOnlySpan<byte> bytes, int start)
{
    private const int MostDepth = 16;
    private readonly ReadOnlySpan<byte> bytes = bytes;

    /// <summary>Where the next byte is.</summary>
    public int Position { get; private set; } = start;

    /// <summary>Reads a struct.</summary>
    /// <param name="shape">Its fields; null where anything goes.</param>
    /// <param name="depth">How deep it lies in others.</param>
    /// <exception cref="InvalidDataException">The bytes are none.</exception>
    public ThriftStruct Struct(IReadOnlyDictionary<int, ThriftField>? shape, int depth = 0)
    {
        Require(depth < MostDepth, "structs too deep in each other");
        ThriftStruct read = new();
        int field = 0;
        while (true)
        {
            int head = Byte();
            if (head == 0)
            {
                break;
            }

            field = head >> 4 == 0 ? (int)Signed() : field + (head >> 4);
            ThriftType type = (ThriftType)(head & 0xF);
            ThriftField? expected = shape?.GetValueOrDefault(field);
            bool isExpected = expected is null || type == expected.Type || (type == ThriftType.False && expected.Type == ThriftType.True);
            Require(isExpected, $"field {field} of another type");
            Require(read.Add(field, Value(type, expected, depth)), $"field {field} twice");
        }

        foreach ((int required, ThriftField expected) in shape ?? ThriftShapes.Anything)
        {
            Require(!expected.IsRequired || read.Has(required), $"no field {required}");
        }

        return read;
    }

    private object Value(ThriftType type, ThriftField? expected, int depth)
    {
        switch (type)
        {
            case ThriftType.True or ThriftType.False:
                return type == ThriftType.True ? 1L : 0L;
            case ThriftType.Byte:
                return (long)Byte();
            case ThriftType.Short or ThriftType.Int or ThriftType.Long:
                long number = Signed();
                Require(type == ThriftType.Long || number is >= int.MinValue and <= int.MaxValue, "a number that is too large");
                return number;
            case ThriftType.Double:
                Skip(sizeof(double));
                return 0L;
            case ThriftType.Binary:
                ulong length = Unsigned();
                Require(length <= (ulong)(bytes.Length - Position), "text that is longer than the file");
                byte[] binary = bytes.Slice(Position, (int)length).ToArray();
                Position += (int)length;
                return binary;
            case ThriftType.List or ThriftType.Set:
                return Items(expected, depth);
            case ThriftType.Map:
                return Map(depth);
            case ThriftType.Struct:
                return Struct(expected?.Shape, depth + 1);
            default:
                throw new InvalidDataException($"found a field of the unknown type {(int)type}");
        }
    }

    private List<object> Items(ThriftField? expected, int depth)
    {
        Require(depth < MostDepth, "lists too deep in each other");
        int head = Byte();
        ThriftType type = (ThriftType)(head & 0xF);
        ulong count = head >> 4 == 15 ? Unsigned() : (ulong)(head >> 4);

        // Every item takes a byte at least.
        Require(count <= (ulong)(bytes.Length - Position), "a list that is longer than the file");
        Require(count == 0 || expected?.Items is null || type == expected.Items, "a list of other items");
        List<object> items = new((int)count);
        ThriftField? item = expected is null ? null : new ThriftField(type, expected.Shape);
        for (int index = 0; index < (int)count; index++)
        {
            items.Add(type is ThriftType.True or ThriftType.False ? Byte() : Value(type, item, depth + 1));
        }

        return items;
    }

    private List<object> Map(int depth)
    {
        ulong count = Unsigned();
        Require(count <= (ulong)(bytes.Length - Position), "a map that is longer than the file");
        int types = count == 0 ? 0 : Byte();
        for (ulong index = 0; index < count; index++)
        {
            Value((ThriftType)(types >> 4), null, depth + 1);
            Value((ThriftType)(types & 0xF), null, depth + 1);
        }

        return [];
    }

    private int Byte()
    {
        Require(Position < bytes.Length, "its end too early");
        return bytes[Position++];
    }

    private void Skip(int count)
    {
        Require(count <= bytes.Length - Position, "its end too early");
        Position += count;
    }

    private long Signed()
    {
        ulong number = Unsigned();
        return (long)(number >> 1) ^ -(long)(number & 1);
    }

    private ulong Unsigned()
    {
        ulong number = 0;
        for (int shift = 0; shift < 64; shift += 7)
        {
            int next = Byte();
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw new InvalidDataException("found a number of more than 64 bits");
    }

    private static void Require(bool holds, string found)
    {
        if (!holds)
        {
            throw new InvalidDataException($"found {found}");
        }
    }
}
