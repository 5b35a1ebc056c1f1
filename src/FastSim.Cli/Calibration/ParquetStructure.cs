using System.Buffers.Binary;

namespace FastSim.Cli.Calibration;

/// <summary>
/// Checks a Parquet file before a library reads it: that its footer is well formed, that its schema and row groups agree, and that the
/// pages of the columns that are wanted lie in the file and hold as many values as they say. What passes can still be garbage, but none
/// that makes a reader go round in circles or allocate what a forged count says.
/// </summary>
internal sealed class ParquetStructure
{
    private const int MarkBytes = 4;
    private const int MostFooterBytes = 4 << 20;
    private const int MostColumnBytes = 64 << 20;
    private const long MostBlockBytes = 4L * MostColumnBytes;
    private const long MostRows = 1 << 20;
    private const int MostLevels = 8;
    private const int LastCodec = 7;
    private const int LastType = 7;
    private const int Repeated = 2;

    private readonly byte[] content;
    private readonly HashSet<string> wanted;
    private readonly int footerStart;

    private ParquetStructure(byte[] content, IEnumerable<string> wanted)
    {
        this.content = content;
        this.wanted = [.. wanted];
        Require(
            content.Length >= 3 * MarkBytes && content.AsSpan().StartsWith("PAR1"u8) && content.AsSpan().EndsWith("PAR1"u8),
            "no mark of Parquet at its begin and end");
        uint footerBytes = BinaryPrimitives.ReadUInt32LittleEndian(content.AsSpan(content.Length - (2 * MarkBytes)));
        Require(footerBytes <= content.Length - (3 * MarkBytes), "a footer that is longer than the file");
        Require(footerBytes <= MostFooterBytes, $"a footer of more than {MostFooterBytes >> 20} MiB");
        footerStart = content.Length - (2 * MarkBytes) - (int)footerBytes;
    }

    /// <summary>Checks a file.</summary>
    /// <param name="content">Its bytes.</param>
    /// <param name="wanted">Names of the columns that are read.</param>
    /// <exception cref="InvalidDataException">It is not well formed, or too large.</exception>
    public static void Check(byte[] content, IEnumerable<string> wanted)
    {
        ParquetStructure structure = new(content, wanted);
        ThriftReader reader = new(content.AsSpan(0, content.Length - (2 * MarkBytes)), structure.footerStart);
        structure.Check(reader.Struct(ThriftShapes.File));
    }

    private void Check(ThriftStruct file)
    {
        Leaf[] leaves = Leaves(file.Structs(2));
        long rows = 0;
        foreach (ThriftStruct group in file.Structs(4))
        {
            IReadOnlyList<ThriftStruct> chunks = group.Structs(1);
            long own = group.Number(3);
            Require(own is >= 0 and <= MostRows, $"a row group of {own} rows, where a file has at most {MostRows}");
            Require(chunks.Count == leaves.Length, $"{chunks.Count} columns in a row group of a schema of {leaves.Length}");
            rows += own;
            Require(rows <= MostRows, $"more than {MostRows} rows");
            for (int column = 0; column < leaves.Length; column++)
            {
                Check(chunks[column], leaves[column], own);
            }
        }

        Require(file.Number(3) == rows, $"{file.Number(3)} rows in the file and {rows} in its row groups");
    }

    private void Check(ThriftStruct chunk, Leaf leaf, long rows)
    {
        ThriftStruct column = chunk.Struct(3)!;
        Require(!chunk.Has(1), $"column {leaf.Name} in another file");
        Require(column.Number(1) == leaf.Type, $"column {leaf.Name} of another type than its schema has");
        Require(string.Join('.', column.Texts(3)) == leaf.Name, $"column {leaf.Name} under another name");
        Require(column.Number(4) is >= 0 and <= LastCodec, $"column {leaf.Name} in an unknown compression");
        if (wanted.Contains(leaf.Name))
        {
            Require(!leaf.IsNested, $"column {leaf.Name} in lists or groups");
            Require(column.Number(5) == rows, $"{column.Number(5)} values of column {leaf.Name} in {rows} rows");
            CheckPages(column, leaf.Name);
        }
    }

    /// <summary>Walks a column's pages, as a reader would.</summary>
    private void CheckPages(ThriftStruct column, string name)
    {
        long first = column.Number(9);
        long dictionary = column.Number(11);
        long start = column.Has(11) && dictionary > 0 ? Math.Min(first, dictionary) : first;
        long bytes = column.Number(7);
        Require(start >= MarkBytes && bytes >= 0 && bytes <= footerStart - start, $"pages of column {name} outside the file");
        long end = start + bytes;
        long left = column.Number(5);
        long plainInAll = 0;
        bool isFirst = true;
        while (left > 0)
        {
            Require(start < end, $"pages of column {name} that hold too few values");
            ThriftReader reader = new(content.AsSpan(0, (int)end), (int)start);
            ThriftStruct page = reader.Struct(ThriftShapes.Page);
            long compressed = page.Number(3);
            long plain = page.Number(2);
            Require(compressed >= 0 && compressed <= end - reader.Position, $"a page of column {name} that is longer than the column");
            Require(plain is >= 0 and <= MostColumnBytes, $"a page of column {name} of {plain} bytes, where a column has at most {MostColumnBytes}");
            plainInAll += plain;
            Require(plainInAll <= MostColumnBytes, $"pages of column {name} of more than {MostColumnBytes} bytes");
            left -= Values(page, name, left, plain, isFirst);
            CheckCompressed(page, column.Number(4), reader.Position, compressed, plain, name);
            start = reader.Position + compressed;
            isFirst = false;
        }
    }

    /// <summary>Values of the column that a page holds: none in a dictionary.</summary>
    private static long Values(ThriftStruct page, string name, long left, long plainBytes, bool isFirst)
    {
        (ThriftStruct? header, bool isData) = page.Number(1) switch
        {
            0 => (page.Struct(5), true),
            2 when isFirst => (page.Struct(7), false),
            3 => (page.Struct(8), true),
            _ => (null, false),
        };
        Require(header is not null, $"a page of column {name} of another kind");
        long values = header!.Number(1);

        // A dictionary's values take a byte each at least; a data page's may be one run of one.
        Require(values >= 0 && values <= (isData ? left : plainBytes), $"{values} values in a page of column {name}");
        if (page.Number(1) == 3)
        {
            Require(
                header.Number(5) >= 0 && header.Number(6) >= 0 && header.Number(5) + header.Number(6) <= Math.Min(plainBytes, page.Number(3)),
                $"levels in a page of column {name} that are longer than it");
        }

        return isData ? values : 0;
    }

    /// <summary>A page becomes as many bytes as it says; of its second version the levels are not compressed.</summary>
    private void CheckCompressed(ThriftStruct page, long codec, int position, long compressed, long plain, string name)
    {
        ThriftStruct? second = page.Number(1) == 3 ? page.Struct(8) : null;
        bool isPlain = codec == 0 || (second is not null && second.Has(7) && second.Number(7) == 0);
        long levels = second is null ? 0 : second.Number(5) + second.Number(6);
        Require(
            isPlain
                ? plain == compressed
                : CompressedPage.IsWithin(codec, content, position + (int)levels, (int)(compressed - levels), plain - levels, MostBlockBytes),
            $"a page of column {name} of another size than it says");
    }

    private static Leaf[] Leaves(IReadOnlyList<ThriftStruct> elements)
    {
        List<Leaf> leaves = [];
        int next = 0;
        Require(elements.Count > 0, "no schema");
        Visit("", isNested: false, 0);
        Require(next == elements.Count, "a schema of more elements than its groups have");
        return [.. leaves];

        void Visit(string path, bool isNested, int level)
        {
            Require(next < elements.Count, "a schema of fewer elements than its groups have");
            Require(level < MostLevels, $"a schema of more than {MostLevels} levels");
            ThriftStruct element = elements[next++];
            string name = level == 0 ? "" : path.Length == 0 ? element.Text(4) : $"{path}.{element.Text(4)}";
            long children = element.Number(5);
            Require(children >= 0 && children <= elements.Count, "a schema of more elements than its groups have");
            if (level > 0)
            {
                Require(!element.Has(3) || element.Number(3) is >= 0 and <= Repeated, $"column {name} of an unknown repetition");
            }

            if (element.Has(1) && children == 0 && level > 0)
            {
                Require(element.Number(1) is >= 0 and <= LastType, $"column {name} of an unknown type");
                Require(!element.Has(2) || element.Number(2) is >= 0 and <= MostColumnBytes, $"column {name} of an unknown length");
                leaves.Add(new Leaf(name, element.Number(1), isNested || element.Number(3) == Repeated));
                return;
            }

            Require(level == 0 || children > 0, $"column {name} without a type");
            for (long child = 0; child < children; child++)
            {
                Visit(name, level > 0, level + 1);
            }
        }
    }

    private static void Require(bool holds, string found)
    {
        if (!holds)
        {
            throw new InvalidDataException($"found {found}");
        }
    }

    private sealed record Leaf(string Name, long Type, bool IsNested);
}
