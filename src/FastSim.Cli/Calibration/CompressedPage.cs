using System.Buffers.Binary;
using System.IO.Compression;

namespace FastSim.Cli.Calibration;

/// <summary>How many bytes a compressed page becomes, told from its own bytes: what its header says is no bound for some decompressors.</summary>
internal static class CompressedPage
{
    private const int Snappy = 1;
    private const int Gzip = 2;
    private const int Brotli = 4;
    private const int Zstandard = 6;
    private const int BlockBytes = 1 << 17;

    /// <summary>Whether a page becomes no more than a number of bytes.</summary>
    /// <param name="codec">Compression, by its number in Parquet's format.</param>
    /// <param name="content">The file.</param>
    /// <param name="start">First of the page's compressed bytes.</param>
    /// <param name="length">How many there are.</param>
    /// <param name="most">The number its header says.</param>
    /// <param name="mostOfBlocks">The number where only blocks can be counted, which may each be full or not.</param>
    /// <exception cref="InvalidDataException">The bytes are not compressed so.</exception>
    public static bool IsWithin(long codec, byte[] content, int start, int length, long most, long mostOfBlocks) => length == 0 || codec switch
    {
        Snappy => StatedBySnappy(content.AsSpan(start, length)) == most,
        Gzip => Counts(new GZipStream(new MemoryStream(content, start, length), CompressionMode.Decompress), most),
        Brotli => Counts(new BrotliStream(new MemoryStream(content, start, length), CompressionMode.Decompress), most),
        Zstandard => ZstandardBlocks(content.AsSpan(start, length)) <= mostOfBlocks,
        _ => true,
    };

    /// <summary>A block of Snappy begins with its plain length (github.com/google/snappy, format_description.txt).</summary>
    private static long StatedBySnappy(ReadOnlySpan<byte> page)
    {
        long stated = 0;
        for (int index = 0; index < Math.Min(5, page.Length); index++)
        {
            stated |= (long)(page[index] & 0x7F) << (7 * index);
            if (page[index] < 0x80)
            {
                break;
            }
        }

        return stated;
    }

    private static bool Counts(Stream plain, long most)
    {
        using (plain)
        {
            byte[] buffer = new byte[1 << 16];
            long count = 0;
            for (int some = plain.Read(buffer); some > 0 && count <= most; some = plain.Read(buffer))
            {
                count += some;
            }

            return count <= most;
        }
    }

    /// <summary>The most that the blocks of Zstandard frames become: 128 KiB each, or what raw and repeated ones say (RFC 8878, section 3.1.1).</summary>
    private static long ZstandardBlocks(ReadOnlySpan<byte> page)
    {
        const uint Mark = 0xFD2FB528;
        long bytes = 0;
        while (page.Length > 0)
        {
            Require(page.Length >= 5 && BinaryPrimitives.ReadUInt32LittleEndian(page) == Mark);
            int descriptor = page[4];
            bool isSingle = (descriptor & 0x20) != 0;
            int sizeBytes = (descriptor >> 6) switch
            {
                0 => isSingle ? 1 : 0,
                1 => 2,
                2 => 4,
                _ => 8,
            };
            int dictionaryBytes = (descriptor & 3) == 3 ? 4 : descriptor & 3;
            page = Rest(page, 5 + (isSingle ? 0 : 1) + dictionaryBytes + sizeBytes);
            bool isLast = false;
            while (!isLast)
            {
                Require(page.Length >= 3);
                int head = page[0] | (page[1] << 8) | (page[2] << 16);
                isLast = (head & 1) != 0;
                int kind = (head >> 1) & 3;
                int size = head >> 3;
                Require(kind < 3 && size <= BlockBytes);
                bytes += kind == 2 ? BlockBytes : size;
                page = Rest(page, 3 + (kind == 1 ? 1 : size));
            }

            page = Rest(page, (descriptor & 4) != 0 ? 4 : 0);
        }

        return bytes;
    }

    private static ReadOnlySpan<byte> Rest(ReadOnlySpan<byte> page, int count)
    {
        Require(count <= page.Length);
        return page[count..];
    }

    private static void Require(bool holds)
    {
        if (!holds)
        {
            throw new InvalidDataException("found a page that is not compressed as its column says");
        }
    }
}
