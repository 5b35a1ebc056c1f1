using System.Security.Cryptography;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>What a search of a sweep has found, and what is left of it, as of the end of a round: written whole, so that it is never half of one.</summary>
/// <param name="Fingerprint">Mark of all that decides what is found.</param>
/// <param name="Shard">The part that is searched.</param>
/// <param name="HasPlan">Whether some variant has a plan; null before all searches are done.</param>
/// <param name="Counts">What became of boxes so far.</param>
/// <param name="Done">What the searches kept that came to their end.</param>
/// <param name="Kept">What the next one kept so far; null before its first round.</param>
/// <param name="Waiting">Its boxes.</param>
internal sealed record SearchState(
    string Fingerprint, Shard Shard, bool? HasPlan, long[] Counts, IReadOnlyList<IReadOnlyList<KeptVariants>> Done, IReadOnlyList<KeptVariants>? Kept, IReadOnlyList<Box> Waiting)
{
    /// <summary>Name of its file.</summary>
    public const string Name = "optimise.state";

    /// <summary>The first words of a state as it is laid out here: one of another layout is told by them.</summary>
    private const string Layout = "fastsim optimise state 3";

    private const int DigestBytes = 32;

    /// <summary>Its file in a folder.</summary>
    public static string PathIn(string folder) => Path.Combine(folder, Name);

    /// <summary>Reads the one in a folder; null where there is none.</summary>
    /// <exception cref="ConfigurationException">It is damaged, or of another layout.</exception>
    public static SearchState? In(string folder)
    {
        string path = PathIn(folder);
        if (!File.Exists(path))
        {
            return null;
        }

        OutputFile.Check(path);
        using FileStream file = File.OpenRead(path);
        try
        {
            if (!IsWhole(file))
            {
                throw Damaged(path);
            }

            using BinaryReader reader = new(new BufferedStream(file));
            return reader.ReadString() == Layout
                ? Read(reader)
                : throw new ConfigurationException($"{path}: found the state of another version of FastSim; expected one of this (sweep --optimise --restart discards it, with the --shard that it is of)");
        }
        catch (Exception exception) when (exception is IOException or ArgumentException or FormatException or OverflowException)
        {
            throw Damaged(path);
        }
    }

    /// <summary>Writes it to a folder: its content, then a checksum of that.</summary>
    /// <exception cref="ConfigurationException">It cannot be written.</exception>
    public void Write(string folder) => OutputFile.WriteBytes(PathIn(folder), stream =>
    {
        using SHA256 digest = SHA256.Create();
        using (CryptoStream digested = new(stream, digest, CryptoStreamMode.Write, leaveOpen: true))
        using (BufferedStream buffered = new(digested))
        using (BinaryWriter writer = new(buffered))
        {
            Write(writer);
        }

        stream.Write(digest.Hash!);
    });

    /// <summary>Whether a file ends in the checksum of what stands before it, where it is left to be read.</summary>
    private static bool IsWhole(FileStream file)
    {
        const int BytesAtOnce = 1 << 16;
        if (file.Length < DigestBytes)
        {
            return false;
        }

        using IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] some = new byte[BytesAtOnce];
        for (long left = file.Length - DigestBytes; left > 0;)
        {
            int count = (int)Math.Min(left, some.Length);
            file.ReadExactly(some, 0, count);
            hash.AppendData(some, 0, count);
            left -= count;
        }

        byte[] stated = new byte[DigestBytes];
        file.ReadExactly(stated);
        file.Position = 0;
        return hash.GetHashAndReset().AsSpan().SequenceEqual(stated);
    }

    private static ConfigurationException Damaged(string path) =>
        new($"{path}: found a file that is not as a search left it; expected it whole (sweep --optimise --restart discards it, with the --shard that it is of)");

    private static SearchState Read(BinaryReader reader)
    {
        string fingerprint = reader.ReadString();
        Shard shard = new(reader.ReadInt32(), reader.ReadInt32());
        bool? hasPlan = reader.ReadSByte() switch
        {
            < 0 => null,
            var word => word > 0,
        };
        long[] counts = Listed(reader, each => each.ReadInt64());
        KeptVariants[][] done = Listed(reader, each => Listed(each, ReadKept));
        KeptVariants[]? kept = reader.ReadBoolean() ? Listed(reader, ReadKept) : null;
        return new SearchState(fingerprint, shard, hasPlan, counts, done, kept, Listed(reader, ReadBox));
    }

    private void Write(BinaryWriter writer)
    {
        writer.Write(Layout);
        writer.Write(Fingerprint);
        writer.Write(Shard.Index);
        writer.Write(Shard.Count);
        writer.Write((sbyte)(HasPlan is not { } hasPlan ? -1 : hasPlan ? 1 : 0));
        List(writer, Counts, static (to, count) => to.Write(count));
        List(writer, Done, static (to, kept) => List(to, kept, WriteKept));
        writer.Write(Kept is not null);
        if (Kept is not null)
        {
            List(writer, Kept, WriteKept);
        }

        List(writer, Waiting, WriteBox);
    }

    private static void WriteKept(BinaryWriter writer, KeptVariants kept)
    {
        List(writer, kept.Losses, static (to, loss) => to.Write(loss));
        writer.Write(kept.First);
        writer.Write(kept.Tied is not null);
        if (kept.Tied is { } tied)
        {
            WriteBox(writer, tied);
        }
    }

    private static KeptVariants ReadKept(BinaryReader reader) =>
        new(Listed(reader, each => each.ReadDouble()), reader.ReadInt64(), reader.ReadBoolean() ? ReadBox(reader) : null);

    private static void WriteBox(BinaryWriter writer, Box box)
    {
        List(writer, box.Low, static (to, step) => to.Write(step));
        List(writer, box.High, static (to, step) => to.Write(step));
        List(writer, box.Corner, static (to, loss) => to.Write(loss));
        List(writer, box.Reaches, static (to, reach) =>
        {
            to.Write(reach.RequestsPerSecond);
            to.Write(reach.RequestsPerCardSecond);
        });
        List(writer, box.Slopes, static (to, slope) => to.Write(slope));
        writer.Write(box.Cut);
    }

    private static Box ReadBox(BinaryReader reader) => new(Listed(reader, each => each.ReadInt32()), Listed(reader, each => each.ReadInt32()))
    {
        Corner = Listed(reader, each => each.ReadDouble()),
        Reaches = Listed(reader, each => new VariantReach(each.ReadDouble(), each.ReadDouble())),
        Slopes = Listed(reader, each => each.ReadDouble()),
        Cut = reader.ReadInt32(),
    };

    private static void List<T>(BinaryWriter writer, IReadOnlyList<T> items, Action<BinaryWriter, T> write)
    {
        writer.Write(items.Count);
        foreach (T item in items)
        {
            write(writer, item);
        }
    }

    private static T[] Listed<T>(BinaryReader reader, Func<BinaryReader, T> read)
    {
        T[] items = new T[reader.ReadInt32()];
        for (int place = 0; place < items.Length; place++)
        {
            items[place] = read(reader);
        }

        return items;
    }
}
