using FastSim.Kernels.Chips;

namespace FastSim.Cli.Configuration;

/// <summary>Reads a system in the seed's form (docs/file-formats.md, "System").</summary>
public static class SystemFile
{
    private const string OverlappingType = "sow";
    private const int MostTiers = 16;
    private const int MostTierRows = 10_000;

    private static readonly string[] PageAttentionKeys =
        ["page_attention_calibration_coefficient", "page_attention_calibration_coefficient_prefill"];

    /// <summary>Names of the collectives, in the order of <see cref="Collective"/>.</summary>
    private static readonly string[] CollectiveKeys = ["p2p", "reduce_scatter", "all_gather", "all_reduce", "all2all"];

    private static readonly Dictionary<string, ProcessingMode> ProcessingModes = new()
    {
        ["roofline"] = ProcessingMode.Roofline,
        ["no_overlap"] = ProcessingMode.NoOverlap,
    };

    /// <summary>Reads a system.</summary>
    /// <param name="file">Path as messages name it.</param>
    /// <param name="findings">Where to put warnings.</param>
    /// <param name="models">Where its learned efficiency is read; null leaves it.</param>
    /// <exception cref="ConfigurationException">The file cannot be used.</exception>
    public static Chip Load(string file, Findings findings, EfficiencyModels? models = null)
    {
        ArgumentNullException.ThrowIfNull(findings);
        return Read(new JsonValue(file, "", SystemDocument.Load(file)), findings, models);
    }

    /// <summary>Reads a system from its document.</summary>
    internal static Chip Read(JsonValue root, Findings findings, EfficiencyModels? models)
    {
        DocumentKind.Require(root, DocumentKind.System);
        JsonObject json = JsonObject.Of(root, "a system: an object").Know(
            findings, "name", "type", "matrix", "vector", "mem1", SecondMemoryReader.Memory, "processing_mode", "networks", "comm_overlap", "static_latency", "operators", "efficiency_model",
            EconomicsReader.Price, EconomicsReader.Board, EconomicsReader.Idle, EconomicsReader.Cap, SystemDocument.Extends,
            StructureReader.Clock, StructureReader.Cache, StructureReader.Launch, StructureReader.Asynchronous, StructureReader.Dependent);
        JsonValue extra = json.Has(SecondMemoryReader.Memory) ? JsonObject.Of(json[SecondMemoryReader.Memory], "a memory: an object")[EconomicsReader.Price] : json[SecondMemoryReader.Memory];
        if (!extra.IsNull && !json.Has(EconomicsReader.Price))
        {
            findings.Warn($"{extra.File}: {extra.Path}: counts on top of the card's {EconomicsReader.Price}, which the system does not state: without one nothing has a price");
        }

        string type = json["type"].Text("the chip's type, such as sow or gpu");
        string? efficiency = json["efficiency_model"].IsNull ? null : EfficiencyModels.Find(json["efficiency_model"]);
        return new Chip(
            json["name"].Text("the chip's name"),
            Units(json, "matrix", findings, TableForms.SizesOrShapes),
            Units(json, "vector", findings, TableForms.SizesOrAnyShape),
            Memory(json.Object("mem1", "a memory: an object"), findings),
            Networks(json["networks"], findings),
            json["processing_mode"].Word("a processing mode", ProcessingModes),
            json.Number("comm_overlap", NumberRule.Share, missing: type == OverlappingType ? 1 : 0),
            json.Number("static_latency", NumberRule.NotNegative, missing: 0),
            TimingsReader.Read(json["operators"], findings),
            efficiency is null ? null : models?.Load(efficiency))
        {
            Economics = EconomicsReader.Read(json),
            SecondMemory = json.Has(SecondMemoryReader.Memory) ? Second(json.Object(SecondMemoryReader.Memory, "a memory: an object"), findings) : null,
            Structure = StructureReader.Read(json, findings),
        };
    }

    private static Dictionary<string, ComputeUnit> Units(JsonObject json, string key, Findings findings, TableForms forms)
    {
        JsonObject units = json.Object(key, "compute units by data type: an object");
        Dictionary<string, ComputeUnit> read = new(StringComparer.Ordinal);
        foreach (string type in units.Keys)
        {
            JsonObject unit = units.Object(type, "a compute unit: an object")
                .Know(findings, "tflops", "calibration_coefficient", "gflops_efficiency", EconomicsReader.OfFlop);
            read[type] = new ComputeUnit(
                unit.Number("tflops", NumberRule.Positive),
                unit.Number("calibration_coefficient", NumberRule.Efficiency),
                EfficiencyRows.Read(unit["gflops_efficiency"], "GFLOP", forms));
        }

        return read.Count > 0 ? read : throw json[key].Complaint("at least one data type");
    }

    private static DeviceMemory Memory(JsonObject memory, Findings findings)
    {
        memory.Know(
            findings,
            [
                "GiB", "GBps", "calibration_coefficient", "kv_cache_calibration_coefficient", "kv_cache_calibration_coefficient_prefill",
                "MB_efficiency", EconomicsReader.OfByte, .. PageAttentionKeys,
            ]);
        foreach (string key in PageAttentionKeys.Where(memory.Has))
        {
            findings.OfPhysical(key);
        }

        return new DeviceMemory(
            memory.Number("GiB", NumberRule.Positive),
            memory.Number("GBps", NumberRule.Positive),
            memory.Number("calibration_coefficient", NumberRule.Efficiency),
            memory.Number("kv_cache_calibration_coefficient", NumberRule.Positive, missing: 1),
            memory.Number("kv_cache_calibration_coefficient_prefill", NumberRule.Positive, missing: 1),
            EfficiencyRows.Read(memory["MB_efficiency"], "MB", TableForms.Sizes))
        {
            PageReadCoefficient = memory.Number(PageAttentionKeys[0], NumberRule.Positive, missing: 1),
            PrefillPageReadCoefficient = memory.Number(PageAttentionKeys[1], NumberRule.Positive, missing: 1),
        };
    }

    private static SecondMemory Second(JsonObject memory, Findings findings)
    {
        memory.Know(findings, "GiB", "GBps", "MB_efficiency", "calibration_coefficient", EconomicsReader.OfByte, EconomicsReader.Price);
        findings.OfPhysical(SecondMemoryReader.Memory);
        return new SecondMemory(
            memory.Number("GiB", NumberRule.NotNegative),
            memory.Number("GBps", NumberRule.NotNegative),
            memory.Number("calibration_coefficient", NumberRule.Efficiency, missing: 1),
            memory.Has("MB_efficiency") ? EfficiencyRows.Read(memory["MB_efficiency"], "MB", TableForms.Sizes) : EfficiencyTable.Flat(1),
            EconomicsReader.Figure(memory, EconomicsReader.OfByte, NumberRule.NotNegative))
        {
            DollarsPerHour = EconomicsReader.Figure(memory, EconomicsReader.Price, NumberRule.NotNegative) ?? 0,
        };
    }

    private static NetworkTier[] Networks(JsonValue networks, Findings findings)
    {
        NetworkTier[] tiers = networks.Items("network tiers, innermost first: a list of objects", MostTiers)
            .Select((item, index) => Tier(JsonObject.Of(item, "a network tier: an object"), isInnermost: index == 0, findings))
            .ToArray();
        if (tiers.Length > MostTiers)
        {
            throw networks.Complaint($"at most {MostTiers} network tiers");
        }

        for (int tier = 1; tier < tiers.Length; tier++)
        {
            if (tiers[tier].Size < tiers[tier - 1].Size)
            {
                JsonValue outer = networks.List("network tiers")[tier];
                throw JsonObject.Of(outer, "a network tier")["size"].Complaint(
                    $"at least {tiers[tier - 1].Size}, the size of the tier inside it: a size counts every card within reach");
            }
        }

        return tiers;
    }

    private static NetworkTier Tier(JsonObject tier, bool isInnermost, Findings findings)
    {
        tier.Know(
            findings, ["bandwidth", "efficiency", "DB_efficiency", "size", "latency", "ops", "processor_usage", EconomicsReader.OfByte, .. WiringReader.Keys]);
        JsonObject operations = tier.Object("ops", "collectives: an object").Know(findings, CollectiveKeys);
        NetworkTier read = new(
            tier.Number("bandwidth", NumberRule.Positive),
            tier.Number("efficiency", NumberRule.Efficiency),
            tier["topology"].Word("a topology", WiringReader.Topologies),
            EfficiencyRows.Read(tier["DB_efficiency"], "MB on the wire", TableForms.Sizes),
            tier.Integer("size", 1),
            tier.Number("latency", NumberRule.NotNegative),
            Array.ConvertAll(CollectiveKeys, key => Rate(operations.Object(key, "a collective: an object"), findings)),
            tier.Number("processor_usage", NumberRule.ShareBelowOne, missing: 0));
        if (tier.Has("collectives"))
        {
            findings.OfPhysical("collectives");
        }

        return WiringReader.Read(tier, read, isInnermost);
    }

    private static CollectiveRate Rate(JsonObject operation, Findings findings)
    {
        operation.Know(findings, "op_scalar", "bandwidth_eff");
        JsonValue[] scalar = operation["op_scalar"].Tuple(2, "a scale and a group offset: [number, number or null]");
        JsonValue[][] rows = operation["bandwidth_eff"].Items("rows of [group size, efficiency]", MostTierRows)
            .Select(row => row.Tuple(2, "a row of [group size, efficiency]"))
            .ToArray();
        int[] groups = Array.ConvertAll(rows, row => row[0].Integer(1));
        for (int row = 1; row < groups.Length; row++)
        {
            if (groups.AsSpan(0, row).Contains(groups[row]))
            {
                throw rows[row][0].Complaint("each group size once");
            }
        }

        double scale = scalar[0].Number(NumberRule.Positive);
        double offset = scalar[1].IsNull ? 0 : scalar[1].Number(new NumberRule("a number of at least -1, or null", number => number >= -1));
        return new CollectiveRate(scale, offset, groups, Array.ConvertAll(rows, row => row[1].Number(NumberRule.Efficiency)));
    }
}
