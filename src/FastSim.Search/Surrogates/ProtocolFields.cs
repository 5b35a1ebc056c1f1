using FastSim.Kernels.Chips;

namespace FastSim.Search.Surrogates;

/// <summary>The fields of a message of Protocol Buffers as it is read, one after another (the encoding of protobuf.dev).</summary>
/// <param name="message">The message.</param>
internal ref struct ProtocolFields(ReadOnlySpan<byte> message)
{
    private ReadOnlySpan<byte> rest = message;

    /// <summary>Number of the field at hand.</summary>
    public int Number { get; private set; }

    /// <summary>Its content, where it has a length; empty for a number.</summary>
    public ReadOnlySpan<byte> Content { get; private set; }

    /// <summary>Goes to the next field; false at the end.</summary>
    /// <exception cref="EfficiencyModelException">The bytes are no message.</exception>
    public bool Next()
    {
        if (rest.IsEmpty)
        {
            return false;
        }

        ulong key = Varint();
        Number = (int)Math.Min(key >> 3, int.MaxValue);
        Content = [];
        switch (key & 7)
        {
            case 0:
                Varint();
                break;
            case 1:
                Take(8);
                break;
            case 2:
                ulong length = Varint();
                Content = Take(length);
                break;
            case 5:
                Take(4);
                break;
            default:
                throw Broken();
        }

        return Number > 0 ? true : throw Broken();
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)rest.Length)
        {
            throw Broken();
        }

        ReadOnlySpan<byte> taken = rest[..(int)count];
        rest = rest[(int)count..];
        return taken;
    }

    private ulong Varint()
    {
        ulong number = 0;
        for (int shift = 0; shift < 70; shift += 7)
        {
            byte next = Take(1)[0];
            number |= shift < 64 ? (ulong)(next & 0x7F) << shift : 0;
            if (next < 0x80)
            {
                return number;
            }
        }

        throw Broken();
    }

    private static EfficiencyModelException Broken() => new("found no ONNX model that runs: its bytes are no message of Protocol Buffers; expected one");
}
