using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Serving;

/// <summary>Data types of a row: its <c>gemm_quant_mode</c>, its <c>moe_quant_mode</c>, or its <c>precision</c> where those are silent.</summary>
internal static class ServingPrecisionReader
{
    private const string PrecisionColumn = "precision";
    private const string ProductsColumn = "gemm_quant_mode";
    private const string ExpertsColumn = "moe_quant_mode";
    private const string FourBitFloats = "mxfp4";
    private const string EightBits = "fp8";
    private const string EightBitBlocks = "fp8_block";
    private const string EightBitWeights = "int8_wo";
    private const string FourBitWeights = "int4_wo";
    private const string EightBitIntegers = "sq";

    /// <summary>Words for a data type of products, by the one that timings have.</summary>
    private static readonly Dictionary<string, string> Words = new(StringComparer.OrdinalIgnoreCase)
    {
        ["bfloat16"] = "bfloat16",
        ["bf16"] = "bfloat16",
        ["float16"] = "bfloat16",
        ["fp16"] = "bfloat16",
        ["half"] = "bfloat16",
        [EightBits] = EightBits,
        ["float8"] = EightBits,
        ["fp8_e4m3"] = EightBits,
        ["float8_e4m3fn"] = EightBits,
        [EightBitBlocks] = EightBitBlocks,
        ["nvfp4"] = "nvfp4",
        ["fp4"] = "nvfp4",
        ["float4"] = "nvfp4",
        [EightBitWeights] = EightBitWeights,
        [FourBitWeights] = FourBitWeights,
        [EightBitIntegers] = EightBitIntegers,
    };

    private static readonly string[] ProductTypes = [.. ServingPrecision.Products, EightBitWeights, FourBitWeights, EightBitIntegers];
    private static readonly string[] ExpertTypes =
        [.. ServingPrecision.Products, ServingPrecision.PackedMxfp4, ServingPrecision.Mxfp4, EightBitWeights, FourBitWeights, EightBitIntegers];

    /// <summary>Reads a row.</summary>
    /// <param name="row">The row.</param>
    /// <param name="model">Its model.</param>
    /// <param name="engine">Its engine.</param>
    /// <param name="units">What its chip computes in.</param>
    /// <param name="run">What its benchmark asked.</param>
    /// <param name="notes">Where to put what is taken otherwise than stated.</param>
    /// <exception cref="UncoveredException">A word is no data type, or none that is timed.</exception>
    public static ServingPrecision Read(ServingRow row, TransformerModel model, ServingEngine engine, NarrowUnits units, in BenchmarkRun run, ServingNotes notes)
    {
        string? precision = Products(row, PrecisionColumn, model);
        string? products = Products(row, ProductsColumn, model);
        string? experts = Experts(row, units);
        if (precision is not null && products is not null && Bits(precision) != Bits(products))
        {
            notes.Add($"{ProductsColumn} {row.Text(ProductsColumn)} goes before {PrecisionColumn} {row.Text(PrecisionColumn)}");
        }

        string? stated = products ?? precision;
        ServingPrecision read = ServingPrecision.Of(model, engine, stated is FourBitFloats ? null : Scaled(stated, run), units, experts);
        if (stated is null)
        {
            notes.Add($"{PrecisionColumn} = {read.FeedForward}");
        }

        if (read.KeepsStoredCache)
        {
            notes.Add("cache in fp8, as the checkpoint has it");
        }

        AddDifferences(read, stated ?? read.FeedForward, experts ?? stated ?? read.FeedForward, model, notes);
        return read;
    }

    private static string? Scaled(string? type, in BenchmarkRun run) => type == EightBits && run.HasBlockScales ? EightBitBlocks : type;

    private static string? Products(ServingRow row, string column, TransformerModel model)
    {
        string word = row.Text(column);
        if (word.Length == 0)
        {
            return null;
        }

        // The checkpoint itself has experts in these four bits, and nothing else.
        if (model.Structure is { Storage.HasFourBitExpertsAlone: true } && word.Equals(FourBitFloats, StringComparison.OrdinalIgnoreCase))
        {
            return FourBitFloats;
        }

        return Words.TryGetValue(word, out string? type) ? type : throw Unknown(column, word, ProductTypes, Words.Keys);
    }

    private static string? Experts(ServingRow row, NarrowUnits units)
    {
        string word = row.Text(ExpertsColumn);
        if (word.Length == 0)
        {
            return null;
        }

        if (word.Equals(FourBitFloats, StringComparison.OrdinalIgnoreCase))
        {
            return units.HasFourBits ? ServingPrecision.Mxfp4 : ServingPrecision.PackedMxfp4;
        }

        return Words.TryGetValue(word, out string? type)
            ? type
            : Array.Find(ExpertTypes, each => each == word) ?? throw Unknown(ExpertsColumn, word, ExpertTypes, [.. Words.Keys, .. ExpertTypes]);
    }

    private static UncoveredException Unknown(string column, string word, IEnumerable<string> expected, IEnumerable<string> words)
    {
        string near = ConfigurationException.Suggestion(NearestDataType.Of(word, words) is { } nearest ? [nearest] : []);
        string what = column == PrecisionColumn ? "precision" : "data type";
        return new UncoveredException($"unknown {what} {word}; expected {string.Join(", ", expected)}{near}");
    }

    /// <summary>Says which operators run in another type than the row states.</summary>
    private static void AddDifferences(ServingPrecision read, string stated, string experts, TransformerModel model, ServingNotes notes)
    {
        (string What, string Type, string Stated)[] parts = model.Experts is null
            ? [("attention", read.Attention, stated), ("feed-forward", read.FeedForward, stated)]
            : [("attention", read.Attention, stated), ("feed-forward", read.FeedForward, stated), ("experts", read.Experts, experts)];
        if (parts.All(part => part.Type == parts[0].Type && part.Type != part.Stated))
        {
            notes.Add($"all in {parts[0].Type}");
            return;
        }

        foreach ((string what, string type, _) in parts.Where(part => part.Type != part.Stated))
        {
            notes.Add($"{what} in {type}");
        }
    }

    private static int Bits(string type) => type switch
    {
        "bfloat16" => 16,
        EightBits or EightBitBlocks or EightBitWeights or EightBitIntegers => 8,
        _ => 4,
    };
}
