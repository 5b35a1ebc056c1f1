namespace FastSim.Cli.Calibration;

/// <summary>The structs of Parquet's metadata (github.com/apache/parquet-format, src/main/thrift/parquet.thrift), by field.</summary>
internal static class ThriftShapes
{
    private static readonly ThriftField Text = new(ThriftType.Binary);
    private static readonly ThriftField Flag = new(ThriftType.True);
    private static readonly ThriftField Int = new(ThriftType.Int);
    private static readonly ThriftField Long = new(ThriftType.Long);

    /// <summary>A struct of which nothing is asked.</summary>
    public static readonly IReadOnlyDictionary<int, ThriftField> Anything = new Dictionary<int, ThriftField>();

    private static readonly Dictionary<int, ThriftField> Statistics = new()
    {
        [1] = Text,
        [2] = Text,
        [3] = Long,
        [4] = Long,
        [5] = Text,
        [6] = Text,
        [7] = Flag,
        [8] = Flag,
    };

    private static readonly Dictionary<int, ThriftField> TimeType = new() { [1] = Flag, [2] = Group(new() { [1] = Group(), [2] = Group(), [3] = Group() }) };

    private static readonly Dictionary<int, ThriftField> LogicalType = new()
    {
        [1] = Group(),
        [2] = Group(),
        [3] = Group(),
        [4] = Group(),
        [5] = Group(new() { [1] = Int, [2] = Int }),
        [6] = Group(),
        [7] = Group(TimeType),
        [8] = Group(TimeType),
        [10] = Group(new() { [1] = new(ThriftType.Byte), [2] = Flag }),
        [11] = Group(),
        [12] = Group(),
        [13] = Group(),
        [14] = Group(),
        [15] = Group(),
    };

    private static readonly Dictionary<int, ThriftField> SchemaElement = new()
    {
        [1] = Int,
        [2] = Int,
        [3] = Int,
        [4] = Required(Text),
        [5] = Int,
        [6] = Int,
        [7] = Int,
        [8] = Int,
        [9] = Int,
        [10] = Group(LogicalType),
    };

    private static readonly Dictionary<int, ThriftField> KeyValue = new() { [1] = Required(Text), [2] = Text };

    private static readonly Dictionary<int, ThriftField> SizeStatistics = new()
    {
        [1] = Long,
        [2] = new(ThriftType.List, Items: ThriftType.Long),
        [3] = new(ThriftType.List, Items: ThriftType.Long),
    };

    private static readonly Dictionary<int, ThriftField> ColumnMetadata = new()
    {
        [1] = Required(Int),
        [2] = Required(new(ThriftType.List, Items: ThriftType.Int)),
        [3] = Required(new(ThriftType.List, Items: ThriftType.Binary)),
        [4] = Required(Int),
        [5] = Required(Long),
        [6] = Required(Long),
        [7] = Required(Long),
        [8] = Structs(KeyValue),
        [9] = Required(Long),
        [10] = Long,
        [11] = Long,
        [12] = Group(Statistics),
        [13] = Structs(new() { [1] = Required(Int), [2] = Required(Int), [3] = Required(Int) }),
        [14] = Long,
        [15] = Int,
        [16] = Group(SizeStatistics),
    };

    private static readonly Dictionary<int, ThriftField> ColumnChunk = new()
    {
        [1] = Text,
        [2] = Required(Long),
        [3] = Required(Group(ColumnMetadata)),
        [4] = Long,
        [5] = Int,
        [6] = Long,
        [7] = Int,
    };

    private static readonly Dictionary<int, ThriftField> RowGroup = new()
    {
        [1] = Required(Structs(ColumnChunk)),
        [2] = Required(Long),
        [3] = Required(Long),
        [4] = Structs(new() { [1] = Required(Int), [2] = Required(Flag), [3] = Required(Flag) }),
        [5] = Long,
        [6] = Long,
        [7] = new(ThriftType.Short),
    };

    /// <summary>The footer.</summary>
    public static readonly IReadOnlyDictionary<int, ThriftField> File = new Dictionary<int, ThriftField>
    {
        [1] = Required(Int),
        [2] = Required(Structs(SchemaElement)),
        [3] = Required(Long),
        [4] = Required(Structs(RowGroup)),
        [5] = Structs(KeyValue),
        [6] = Text,
        [7] = Structs(new() { [1] = Group() }),
    };

    /// <summary>What stands before a page.</summary>
    public static readonly IReadOnlyDictionary<int, ThriftField> Page = new Dictionary<int, ThriftField>
    {
        [1] = Required(Int),
        [2] = Required(Int),
        [3] = Required(Int),
        [4] = Int,
        [5] = Group(new() { [1] = Required(Int), [2] = Required(Int), [3] = Required(Int), [4] = Required(Int), [5] = Group(Statistics) }),
        [6] = Group(),
        [7] = Group(new() { [1] = Required(Int), [2] = Required(Int), [3] = Flag }),
        [8] = Group(new()
        {
            [1] = Required(Int),
            [2] = Required(Int),
            [3] = Required(Int),
            [4] = Required(Int),
            [5] = Required(Int),
            [6] = Required(Int),
            [7] = Flag,
            [8] = Group(Statistics),
        }),
    };

    private static ThriftField Group(Dictionary<int, ThriftField>? shape = null) => new(ThriftType.Struct, shape);

    private static ThriftField Structs(Dictionary<int, ThriftField> shape) => new(ThriftType.List, shape, ThriftType.Struct);

    private static ThriftField Required(ThriftField field) => field with { IsRequired = true };
}
