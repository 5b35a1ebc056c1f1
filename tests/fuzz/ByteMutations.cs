using System.Buffers.Binary;

namespace FastSim.Fuzz.Tests;

/// <summary>Spoils bytes without knowing what they mean.</summary>
internal static class ByteMutations
{
    private static readonly long[] Extremes = [0, 1, -1, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 1 << 20, 1L << 40, 127, 128, 255];

    /// <summary>Spoils some bytes a few times.</summary>
    public static byte[] Apply(Random random, byte[] bytes)
    {
        List<byte> spoilt = [.. bytes];
        for (int times = random.Next(1, 4); times > 0; times--)
        {
            One(random, spoilt);
        }

        return [.. spoilt];
    }

    /// <summary>A variable-length number of the kind that Thrift and Protocol Buffers have.</summary>
    public static byte[] Varint(Random random)
    {
        ulong number = (ulong)Extremes[random.Next(Extremes.Length)];
        List<byte> bytes = [];
        for (; number >= 0x80; number >>= 7)
        {
            bytes.Add((byte)(number | 0x80));
        }

        return [.. bytes, (byte)number];
    }

    private static void One(Random random, List<byte> bytes)
    {
        int place = bytes.Count == 0 ? 0 : random.Next(bytes.Count);
        int length = Math.Min(bytes.Count - place, random.Next(1, 1 << random.Next(1, 7)));
        switch (random.Next(9))
        {
            case 0 when bytes.Count > 0:
                bytes[place] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when bytes.Count > 0:
                bytes[place] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(place, length);
                break;
            case 3:
                bytes.InsertRange(place, bytes.GetRange(place, length));
                break;
            case 4:
                bytes.RemoveRange(place, bytes.Count - place);
                break;
            case 5:
                byte[] noise = new byte[random.Next(1, 16)];
                random.NextBytes(noise);
                bytes.InsertRange(place, noise);
                break;
            case 6:
                byte[] number = new byte[8];
                BinaryPrimitives.WriteInt64LittleEndian(number, Extremes[random.Next(Extremes.Length)]);
                for (int index = 0; index < random.Next(1, 9) && place + index < bytes.Count; index++)
                {
                    bytes[place + index] = number[index];
                }

                break;
            case 7:
                byte[] varint = Varint(random);
                bytes.RemoveRange(place, Math.Min(bytes.Count - place, random.Next(0, 3)));
                bytes.InsertRange(place, varint);
                break;
            default:
                List<byte> moved = bytes.GetRange(place, length);
                bytes.RemoveRange(place, length);
                bytes.InsertRange(bytes.Count == 0 ? 0 : random.Next(bytes.Count), moved);
                break;
        }
    }
}
