namespace FastSim.Cli.Calibration;

/// <summary>Types of Thrift's compact protocol (github.com/apache/thrift, doc/specs/thrift-compact-protocol.md).</summary>
internal enum ThriftType
{
    /// <summary>A truth, which is the type itself.</summary>
    True = 1,

    /// <summary>A falsehood.</summary>
    False = 2,

    /// <summary>An integer of 8 bits.</summary>
    Byte = 3,

    /// <summary>An integer of 16 bits.</summary>
    Short = 4,

    /// <summary>An integer of 32 bits.</summary>
    Int = 5,

    /// <summary>An integer of 64 bits.</summary>
    Long = 6,

    /// <summary>A double.</summary>
    Double = 7,

    /// <summary>Bytes or text.</summary>
    Binary = 8,

    /// <summary>A list.</summary>
    List = 9,

    /// <summary>A set.</summary>
    Set = 10,

    /// <summary>A map.</summary>
    Map = 11,

    /// <summary>A struct.</summary>
    Struct = 12,
}

/// <summary>What a field of a struct must be, as far as the format says.</summary>
/// <param name="Type">Its type.</param>
/// <param name="Shape">Fields of the struct that it is, or that its items are; null where anything goes.</param>
/// <param name="Items">Type of its items; null where it is no list.</param>
/// <param name="IsRequired">Whether it must be there.</param>
internal sealed record ThriftField(ThriftType Type, IReadOnlyDictionary<int, ThriftField>? Shape = null, ThriftType? Items = null, bool IsRequired = false);

/// <summary>A struct that was read: numbers, bytes, lists and structs by field.</summary>
internal sealed class ThriftStruct
{
    private readonly Dictionary<int, object> fields = [];

    /// <summary>Adds a field; false when it is there already.</summary>
    public bool Add(int field, object value) => fields.TryAdd(field, value);

    /// <summary>Whether a field is there.</summary>
    public bool Has(int field) => fields.ContainsKey(field);

    /// <summary>A whole number; 0 where it is missing.</summary>
    public long Number(int field) => fields.TryGetValue(field, out object? value) ? (long)value : 0;

    /// <summary>Text; empty where it is missing.</summary>
    public string Text(int field) => fields.TryGetValue(field, out object? value) ? Words((byte[])value) : "";

    /// <summary>Texts of a list.</summary>
    public IEnumerable<string> Texts(int field) => ((List<object>)fields[field]).Select(item => Words((byte[])item));

    /// <summary>A struct; null where it is missing.</summary>
    public ThriftStruct? Struct(int field) => fields.TryGetValue(field, out object? value) ? (ThriftStruct)value : null;

    /// <summary>Structs of a list.</summary>
    public IReadOnlyList<ThriftStruct> Structs(int field) => [.. ((List<object>)fields[field]).Cast<ThriftStruct>()];

    private static string Words(byte[] bytes) => System.Text.Encoding.UTF8.GetString(bytes);
}
