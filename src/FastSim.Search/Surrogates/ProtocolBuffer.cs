using System.Buffers.Binary;
using System.Text;

namespace FastSim.Search.Surrogates;

/// <summary>A message of Protocol Buffers as it is written: fields in the order they are added (the encoding of protobuf.dev).</summary>
internal sealed class ProtocolBuffer
{
    private const int Varint = 0;
    private const int LengthDelimited = 2;

    private readonly List<byte> bytes = [];

    /// <summary>The message.</summary>
    public byte[] ToArray() => [.. bytes];

    /// <summary>Adds a whole number.</summary>
    public ProtocolBuffer Add(int field, long number)
    {
        Write((ulong)((field << 3) | Varint));
        Write((ulong)number);
        return this;
    }

    /// <summary>Adds a text.</summary>
    public ProtocolBuffer Add(int field, string text) => Add(field, Encoding.UTF8.GetBytes(text));

    /// <summary>Adds a message.</summary>
    public ProtocolBuffer Add(int field, ProtocolBuffer message) => Add(field, message.ToArray());

    /// <summary>Adds numbers as they lie in memory of a little-endian machine.</summary>
    public ProtocolBuffer Add(int field, ReadOnlySpan<float> numbers)
    {
        byte[] raw = new byte[numbers.Length * sizeof(float)];
        for (int index = 0; index < numbers.Length; index++)
        {
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(index * sizeof(float)), numbers[index]);
        }

        return Add(field, raw);
    }

    /// <summary>Adds bytes.</summary>
    public ProtocolBuffer Add(int field, byte[] content)
    {
        Write((ulong)((field << 3) | LengthDelimited));
        Write((ulong)content.Length);
        bytes.AddRange(content);
        return this;
    }

    private void Write(ulong number)
    {
        while (number >= 0x80)
        {
            bytes.Add((byte)(number | 0x80));
            number >>= 7;
        }

        bytes.Add((byte)number);
    }
}
