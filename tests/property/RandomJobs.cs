using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;
using FastSim.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Random models, chips and jobs, small enough to be searched by brute force and odd enough to find corners.</summary>
public static class RandomJobs
{
    /// <summary>Of a dozen cards there are thousands of plans, in a tenth of a gibibyte thousands of batches: few such jobs take most of a run's time. Short runs draw smaller ones.</summary>
    private static readonly int MostCards = TestLength.Of(13, 6);

    private static readonly double LargestMemory = TestLength.IsLong ? 1e-1 : 1e-2;

    public static Arbitrary<TransformerModel> Models() => Arb.From(Model);

    public static Arbitrary<Chip> Chips() => Arb.From(FlatChip);

    public static Arbitrary<Job> Jobs() => Arb.From(AnyJob(FlatChip));

    private static Gen<int> OneOf(params int[] values) => Gen.Elements(values);

    private static Gen<double> Real(double low, double high) =>
        Gen.Choose(0, 1_000_000).Select(step => low * Math.Pow(high / low, step / 1e6));

    private static Gen<MixtureOfExperts?> Experts { get; } =
        from isDense in Gen.Elements(true, false)
        from width in OneOf(96, 128, 250)
        from count in OneOf(6, 8, 16, 30)
        from active in Gen.Choose(1, 4)
        from sharedPerToken in Gen.Choose(0, 2)
        from redundant in OneOf(0, 2, 4)
        from shared in OneOf(0, 2, 8)
        from capacity in Gen.Elements(1, 1, 1.25)
        from interval in OneOf(0, 0, 1, 2)
        select isDense
            ? null
            : new MixtureOfExperts(width, count, active, sharedPerToken, redundant, shared, capacity, interval);

    private static Gen<TransformerModel> SeedModel { get; } =
        from experts in Experts
        from isLatent in Gen.Elements(true, false)
        from hidden in OneOf(64, 96, 640)
        from feedForward in OneOf(240, 256, 1536)
        from blocks in Gen.Choose(1, 9)
        from heads in OneOf(4, 6, 8, 12)
        from groups in OneOf(1, 2, 4)
        from headSize in OneOf(16, 20)
        from flash in Gen.Elements(true, true, false)
        from gate in Gen.Elements(false, false, true)
        from cached in OneOf(0, 0, 7)
        from vocabulary in OneOf(0, 1000)
        from norm in Gen.Elements<QueryKeyNorm?>(null, null, QueryKeyNorm.None, QueryKeyNorm.PerHead)
        let keyValueHeads = heads % groups == 0 ? heads / groups : heads
        select new TransformerModel(
            "random",
            hidden,
            feedForward,
            blocks,
            isLatent ? AttentionKind.LatentAbsorbed : AttentionKind.GroupQuery,
            heads,
            keyValueHeads,
            headSize,
            isLatent ? new LatentDimensions(48, 32, 8, 16, 16) : null,
            flash,
            gate,
            cached,
            vocabulary,
            experts)
        {
            StatedNorm = norm,
        };

    private static Gen<AttentionReach> Reach { get; } =
        Gen.Elements(AttentionReach.Whole, AttentionReach.Whole, AttentionReach.Window(5), AttentionReach.Window(40), AttentionReach.Chunk(16));

    private static Gen<StoredWeights> Storage { get; } =
        from own in Gen.Elements(2, 4)
        from quantized in Gen.Elements(0.53125, 1)
        from roles in Gen.Elements(
            WeightRoles.None, WeightRoles.RoutedExperts, WeightRoles.Attention | WeightRoles.DenseFeedForward | WeightRoles.RoutedExperts)
        select new StoredWeights(own, quantized, roles);

    /// <summary>Storage by role, or projection by projection and block by block: all in the run's bytes, all in others, or some of each.</summary>
    private static Gen<StoredWeights> StorageOf(TransformerModel model, BlockPattern pattern) =>
        from storage in Storage
        from isByRole in Gen.Elements(true, false)
        from shares in Share.ArrayOf(model.Blocks * ((int)Projection.Embedding + 1))
        let stored = Enum.GetValues<Projection>()
            .Where(projection => pattern.Forms.Any(form => ProjectionShape.Of(model.Seen(form), projection).Elements > 0))
            .Select(projection => (projection, shares.Skip((int)projection * model.Blocks)
                .Take(ProjectionShape.RoleOf(projection) == WeightRoles.Embedding ? 1 : model.Blocks)
                .Select((share, block) => ProjectionShape.Of(model.Seen(pattern.Blocks[block].Form), projection).Elements > 0 ? share : default).ToArray()))
        select isByRole ? storage : storage with { Quantized = WeightRoles.None, Projections = new StoredProjections(pattern, stored) };

    private static Gen<StoredShare> Share { get; } =
        Gen.Elements(new StoredShare(1, 0), new StoredShare(0, 2), new StoredShare(0, 1), new StoredShare(0.25, 1.5));

    /// <summary>A model whose blocks differ in reach and feed-forward, with any of the small weights, and how it is stored.</summary>
    public static Gen<TransformerModel> ModelOfBlocks { get; } =
        from model in ModelOfReadBlocks
        from storage in StorageOf(model, model.Structure!.Pattern)
        select model with { Structure = model.Structure! with { Storage = storage } };

    private static Gen<AttentionForm?> Form { get; } =
        from kind in Gen.Elements(
            AttentionKind.GroupQuery, AttentionKind.LatentAbsorbed, AttentionKind.GatedDelta, AttentionKind.KimiDelta, AttentionKind.StateSpace, AttentionKind.Compressed,
            AttentionKind.Compressed, AttentionKind.SelectiveScan, AttentionKind.ShortConvolution, AttentionKind.Lightning, AttentionKind.None)
        from heads in OneOf(4, 8, 12)
        from groups in OneOf(1, 2, 4)
        from size in OneOf(8, 16)
        from values in OneOf(8, 24)
        from norm in Gen.Elements(QueryKeyNorm.None, QueryKeyNorm.PerHead, QueryKeyNorm.PerHeadAndValue)
        from gate in Gen.Elements(Enum.GetValues<OutputGate>())
        from narrow in Gen.Elements(true, false)
        from stateBytes in OneOf(2, 4)
        from borrows in Gen.Elements(true, false, false, false)
        from isBeside in Gen.Elements(true, false, false)
        let keyHeads = kind == AttentionKind.KimiDelta ? heads : kind == AttentionKind.SelectiveScan ? 1 : heads / groups
        select kind switch
        {
            AttentionKind.None => AttentionForm.None,
            AttentionKind.GroupQuery => new AttentionForm(kind)
            {
                Heads = heads,
                KeyValueHeads = heads / groups,
                HeadSize = size,
                ValueHeadSize = values,
                QueryKeyNorm = norm,
                Gate = gate,
                HasSinks = narrow,
                ValuesAreKeys = stateBytes == 2,
                BorrowsCache = borrows,
                QueryRank = stateBytes == 4 && gate != OutputGate.PerElementOfQuery ? 3 * size : 0,
                Beside = isBeside && !borrows
                    ? AttentionForm.OfState(AttentionKind.StateSpace, new StateDimensions(heads / groups, heads, size, values, 4, 16, stateBytes) { LacksNorm = narrow })
                    : null,
            },
            AttentionKind.Compressed => AttentionForm.OfCompressed(heads, new CompressedDimensions(size * heads, 4, 24, groups, values, narrow ? 0 : 4 * groups)
            {
                Indexer = !narrow && borrows ? new SparseIndexer(2, 8, stateBytes) : null,
            }),
            AttentionKind.LatentAbsorbed => AttentionForm.OfLatent(heads, new LatentDimensions(narrow ? 0 : 40, 24, 8, 16, 8)),
            AttentionKind.ShortConvolution => AttentionForm.OfConvolution(heads * size, groups),
            AttentionKind.Lightning => AttentionForm.OfState(kind, new StateDimensions(heads, heads, size, values, Convolution: 1, Chunk: 16, stateBytes)) with { QueryKeyNorm = norm },
            _ => AttentionForm.OfState(
                kind, new StateDimensions(keyHeads, heads, size, values, Convolution: 4, Chunk: 16, stateBytes)
                {
                    HasNarrowGate = narrow,
                    HasConvolutionBias = narrow,
                    ConvolvesValuesAlone = kind == AttentionKind.SelectiveScan,
                    StepRank = kind == AttentionKind.SelectiveScan ? groups : 0,
                }),
        };

    /// <summary>The same model with blocks of up to two other forms, some of which are attention alone or a feed-forward alone.</summary>
    private static Gen<TransformerModel> WithForms(TransformerModel model) =>
        from isHybrid in Gen.Elements(true, false)
        from first in Form
        from second in Form
        from picks in OneOf(0, 1, 1, 2).ArrayOf(model.Blocks + 1)
        from alone in Gen.Elements(true, false, false).ArrayOf(model.Blocks + 1)
        from hasOwnDraft in Gen.Elements(true, false)
        from isPlain in Gen.Elements(true, false)
        from latent in OneOf(0, 0, 32)
        from residual in OneOf(0, 0, 2)
        from inputs in OneOf(0, 0, 8)
        from streams in OneOf(0, 0, 2)
        from tables in OneOf(0, 0, 1000)
        from idle in OneOf(0, 0, 6)
        from isBeside in Gen.Elements(true, false, false)
        from sharesNorm in Gen.Elements(true, false)
        from isBoth in Gen.Elements(true, false, false)
        from widening in OneOf(2, 0, 0, 3).ArrayOf(model.Blocks + 1)
        let structure = model.Structure!
        let last = structure.Pattern.Blocks[^1]
        let kinds = structure.Pattern.Blocks.Append(last).Select((kind, block) => OfForm(
            kind, new AttentionForm?[] { null, first, second }[picks[block]], alone[block]) with
        {
            HasDenseBesides = isBoth && model.FeedForward > 0,
            OwnFeedForward = widening[block] * model.FeedForward,
        }).ToArray()
        select !isHybrid || kinds.SkipLast(1).All(kind => kind.Form is { Kind: AttentionKind.None } or { BorrowsCache: true })
            ? model
            : model with
            {
                Experts = kinds.SkipLast(1).Any(kind => kind.HasExperts) && model.Experts is { } experts
                    ? experts with { IsPlain = isPlain, LatentWidth = latent, NormalisesLatent = isPlain, ZeroExperts = idle }
                    : null,
                Structure = structure with
                {
                    Pattern = new BlockPattern(kinds.SkipLast(1), hasOwnDraft && (!kinds[^1].HasExperts || kinds.SkipLast(1).Any(kind => kind.HasExperts)) ? kinds[^1] : null),
                    HasPlainFeedForward = isPlain,
                    IsParallel = isBeside,
                    NormsPerBlock = isBeside && sharesNorm ? 1 : structure.NormsPerBlock,
                    ResidualEvery = residual,
                    Streams = streams > 0 ? new HyperConnections(streams, 20) : null,
                    LookedUpElements = tables,
                    LayerInputs = inputs > 0 ? new LayerInputs(inputs, 64) : null,
                },
            };

    private static BlockKind OfForm(BlockKind kind, AttentionForm? form, bool isAlone) => isAlone && form?.Kind != AttentionKind.None
        ? new BlockKind(kind.Reach, HasExperts: false) { Form = form, LacksFeedForward = true }
        : kind with { Form = form };

    private static Gen<TransformerModel> ModelOfReadBlocks =>
        from model in ModelOfLikeBlocks
        from hybrid in WithForms(model)
        select hybrid;

    private static Gen<TransformerModel> ModelOfLikeBlocks =>
        from model in SeedModel
        from reaches in Reach.ArrayOf(model.Blocks)
        from withExperts in Gen.Elements(true, true, false).ArrayOf(model.Blocks)
        from norm in Gen.Elements(Enum.GetValues<QueryKeyNorm>())
        from norms in OneOf(2, 4)
        from extras in Gen.Choose(0, 1023)
        from selected in OneOf(0, 4, 64)
        from tied in Gen.Elements(true, false)
        let expertBlocks = withExperts.Select(block => block && model.Experts is not null).ToArray()
        let hasExperts = expertBlocks.Contains(true)
        select model with
        {
            Experts = hasExperts ? model.Experts : null,
            Structure = new BlockStructure(
                new BlockPattern(reaches.Zip(expertBlocks, (reach, experts) => new BlockKind(reach, experts))),
                norm,
                norms,
                (BlockExtras)extras,
                model.Latent is not null && selected > 0 ? new SparseIndexer(2, 8, selected) : null,
                tied,
                new StoredWeights(2, 2, WeightRoles.None)),
        };

    private static Gen<TransformerModel> Model { get; } =
        from isSeed in Gen.Elements(true, false)
        from model in isSeed ? SeedModel : ModelOfBlocks.Where(HoldsSomething)
        select model;

    /// <summary>Brute force counts batches one by one: of a model that hardly keeps anything of a token there would be millions.</summary>
    private static bool HoldsSomething(TransformerModel model)
    {
        const double LeastElements = 48;
        return model.Structure!.Pattern.Blocks.Sum(block => CacheWidth.Of(model.Seen(block.Form), tensorParallel: 1)) >= LeastElements;
    }

    private static Gen<ComputeUnit> FlatUnit { get; } =
        from rate in Real(0.01, 100)
        from calibration in Real(0.05, 1)
        from efficiency in Real(0.05, 1)
        select new ComputeUnit(rate, calibration, EfficiencyTable.Flat(efficiency));

    /// <summary>A unit whose efficiency never falls with an operator's size.</summary>
    public static Gen<ComputeUnit> RisingUnit { get; } =
        from unit in FlatUnit
        from middle in Real(1e-6, 1e-2)
        from low in Real(0.05, 0.5)
        from high in Real(0.5, 1)
        select unit with
        {
            Efficiency = EfficiencyTable.BySize([middle * 10, middle, double.NegativeInfinity], [high, (high + low) / 2, low]),
        };

    /// <summary>Rows of shapes in any order: a later row may ask for less in one extent and more in another.</summary>
    private static Gen<EfficiencyTable> ShapeTable { get; } =
        from count in Gen.Choose(2, 5)
        from rows in OneOf(1, 4, 16, 64, 300, 1200).ArrayOf(count)
        from columns in OneOf(1, 20, 64, 200).ArrayOf(count)
        from depths in OneOf(1, 32, 96).ArrayOf(count)
        from free in Gen.Choose(0, 7).ArrayOf(count)
        from efficiencies in Real(0.05, 1).ArrayOf(count)
        from endsFree in Gen.Elements(true, false)
        select EfficiencyTable.ByShape(
            Extents(rows, free, 1, endsFree), Extents(columns, free, 2, endsFree), Extents(depths, free, 4, endsFree), efficiencies);

    private static double[] Extents(int[] least, int[] free, int bit, bool endsFree) =>
    [
        .. least.Select((extent, row) =>
            (free[row] & bit) != 0 || (endsFree && row == least.Length - 1) ? double.NegativeInfinity : extent),
    ];

    /// <summary>A unit whose efficiency falls with size, or goes by the product's shape.</summary>
    private static Gen<ComputeUnit> OddUnit { get; } =
        from unit in RisingUnit
        from middle in Real(1e-6, 1e-2)
        from shapes in ShapeTable
        from isShape in Gen.Elements(true, false)
        select unit with
        {
            Efficiency = isShape
                ? shapes
                : EfficiencyTable.BySize([middle * 10, middle, double.NegativeInfinity], [0.3, 0.9, 0.6]),
        };

    /// <summary>A vector unit's table goes by size alone: element-wise operators have no shape.</summary>
    private static Gen<ComputeUnit> OddVectorUnit { get; } =
        from unit in RisingUnit
        from middle in Real(1e-6, 1e-2)
        select unit with { Efficiency = EfficiencyTable.BySize([middle, double.NegativeInfinity], [0.2, 0.8]) };

    private static Gen<NetworkTier> Tier(int size) =>
        from bandwidth in Real(0.1, 100)
        from efficiency in Real(0.1, 1)
        from topology in Gen.Elements(Enum.GetValues<Topology>())
        from latency in Real(1e-9, 1e-5)
        from usage in Gen.Elements(0, 0.06, 0.5)
        from low in Real(0.1, 0.9)
        from algorithms in Gen.Elements(
            CollectiveAlgorithms.None,
            CollectiveAlgorithms.OfCards,
            CollectiveAlgorithms.Ring,
            CollectiveAlgorithms.Halving | CollectiveAlgorithms.Tree,
            CollectiveAlgorithms.OfCards | CollectiveAlgorithms.InNetwork)
        from step in Gen.Elements(0, 0, 2e-6)
        from reduction in Gen.Elements(double.PositiveInfinity, 20)
        from wrap in Gen.Elements(0, 2)
        let rate = new CollectiveRate(1, 0, [2, 4], [0.9, low])
        select new NetworkTier(
            bandwidth,
            efficiency,
            topology,
            EfficiencyTable.Flat(1),
            size,
            latency,
            [rate, rate, rate, rate with { Scale = 2, GroupOffset = -1 }, rate],
            usage)
        {
            Dimensions = topology switch
            {
                Topology.Torus or Topology.Mesh => [2, 3, size],
                Topology.FatTree => [2, 2, size],
                Topology.Rails => [4, size],
                Topology.Dragonfly => [2, 2, size],
                _ => [],
            },
            WrapMultiple = topology == Topology.Torus ? wrap : 0,
            Oversubscription = topology switch
            {
                Topology.FatTree => [2, 1.5],
                Topology.Rails => [3],
                _ => [],
            },
            GlobalLinks = topology == Topology.Dragonfly ? size : 0,
            Algorithms = topology == Topology.TwoDimensionalFullMesh ? CollectiveAlgorithms.None : algorithms,
            StepSeconds = step,
            ReductionGigabytesPerSecond = reduction,
        };

    private static Gen<Chip> ChipWith(Gen<ComputeUnit> unit, EfficiencyTable memoryTable) =>
        from matrix in unit
        from attention in unit
        from vector in unit
        from capacity in Real(1e-4, LargestMemory)
        from bandwidth in Real(0.1, 100)
        from calibration in Real(0.1, 1)
        from cache in Gen.Elements(1, 0.7, 1.3)
        from innerSize in OneOf(2, 4, 8)
        from inner in Tier(innerSize)
        from outer in Tier(64)
        from mode in Gen.Elements(Enum.GetValues<ProcessingMode>())
        from overlap in Gen.Elements(0, 0.5, 1)
        from latency in Gen.Elements(0, 1e-6)
        select new Chip(
            "random",
            new Dictionary<string, ComputeUnit> { ["m"] = matrix, ["a"] = attention },
            new Dictionary<string, ComputeUnit> { ["v"] = vector },
            new DeviceMemory(capacity, bandwidth, calibration, cache, cache, memoryTable),
            [inner, outer],
            mode,
            overlap,
            latency);

    private static Gen<Chip> FlatChip { get; } = ChipWith(FlatUnit, EfficiencyTable.Flat(1));

    private static Gen<Chip> OddChip { get; } =
        from chip in ChipWith(OddUnit, EfficiencyTable.BySize([0.05, 0.01, double.NegativeInfinity], [0.5, 1, 0.8]))
        from vector in OddVectorUnit
        select chip with
        {
            Vector = new Dictionary<string, ComputeUnit> { ["v"] = vector },
            Networks = [.. chip.Networks.Select(tier => tier with { SizeEfficiency = EfficiencyTable.BySize([0.001, double.NegativeInfinity], [0.6, 0.9]) })],
        };

    private static Gen<Chip> RisingChip { get; } =
        ChipWith(RisingUnit, EfficiencyTable.BySize([0.1, 0.01, double.NegativeInfinity], [1, 0.8, 0.5]));

    /// <summary>Many rows by size, efficiencies in no order, neighbours now and then alike.</summary>
    private static Gen<EfficiencyTable> Staircase(double largest) =>
        from count in Gen.Choose(2, 12)
        from ratios in Real(0.2, 0.95).ArrayOf(count - 1)
        from efficiencies in OneOf(1, 2, 3, 5, 8).ArrayOf(count)
        let thresholds = ratios.Select((_, row) => largest * ratios.Take(row + 1).Aggregate(1d, (product, ratio) => product * ratio))
        select EfficiencyTable.BySize([.. thresholds, double.NegativeInfinity], [.. efficiencies.Select(eighths => eighths / 8d)]);

    private static Gen<ComputeUnit> StaircaseUnit { get; } =
        from unit in FlatUnit
        from largest in Gen.Elements(1e-5, 1e-4, 1e-3, 1e-2)
        from table in Staircase(largest)
        select unit with { Efficiency = table };

    private static Gen<Chip> StaircaseChip { get; } =
        from memory in Staircase(0.3)
        from chip in ChipWith(StaircaseUnit, memory)
        from link in Staircase(0.01)
        select chip with { Networks = [.. chip.Networks.Select(tier => tier with { SizeEfficiency = link })] };

    private static Gen<double?> Limit(double low, double high) =>
        from isFree in Gen.Elements(true, false, false)
        from limit in Real(low, high)
        select isFree ? (double?)null : limit;

    /// <summary>Jobs on chips whose efficiency depends on an operator's size.</summary>
    public static Gen<Job> JobsWithTables { get; } = AnyJob(RisingChip);

    /// <summary>Jobs on chips whose efficiency falls with size here, rises there, and goes by shape elsewhere.</summary>
    public static Gen<Job> JobsWithOddTables { get; } = AnyJob(OddChip);

    /// <summary>Jobs on chips whose efficiencies go up and down in many steps.</summary>
    public static Gen<Job> JobsWithStaircases { get; } = AnyJob(StaircaseChip);

    /// <summary>
    /// What drafts: a model's own blocks, nothing that costs, a head or a model of its own, as wide where tensor parallelism cuts it as the model is, so that
    /// whoever lists layouts of the model lists those of both.
    /// </summary>
    private static Gen<DraftModel?> Draft(TransformerModel model) =>
        from kind in OneOf(0, 0, 1, 2, 3, 4)
        from hidden in OneOf(32, 96)
        from blocks in Gen.Choose(1, 3)
        from vocabulary in OneOf(0, 500)
        let own = model with { Hidden = hidden, Blocks = blocks, Vocabulary = vocabulary, Experts = null, Structure = null, CachedTokens = 0 }
        select kind switch
        {
            1 => DraftModel.Lookup,
            2 when model.Latent is null => DraftModel.Eagle(model, model.FeedForward),
            3 when model.Latent is null => DraftModel.Eagle3(model, model.FeedForward, vocabulary),
            4 => new DraftModel(own),
            _ => null,
        };

    private static Gen<Job> AnyJob(Gen<Chip> chips) =>
        from model in Model
        from chip in chips
        from other in chips
        from input in Gen.Choose(8, 96)
        from output in Gen.Choose(1, 64)
        from cards in Gen.Choose(2, MostCards)
        from precision in Gen.Elements(
            new Precision(1, 1, 1, 1), new Precision(0.5, 0.5, 1, 2), new Precision(2, 2, 1, 2))
        from firstToken in Limit(1e-3, 1e4)
        from perToken in Limit(1e-3, 1e3)
        from mode in Gen.Elements(ServingMode.Split, ServingMode.Fusion)
        from highest in Gen.Choose(0, 6)
        from isRange in Gen.Elements(true, false)
        from shared in Gen.Elements(true, false)
        from drafts in OneOf(0, 0, 1, 2)
        from draft in Draft(model)
        from accounting in Gen.Elements(Enum.GetValues<Accounting>())
        select new Job(
            0,
            mode,
            model,
            new SequenceLengths(input, output),
            cards,
            precision,
            new FlopsTypes("m", "a", "v"),
            new LatencyLimits(firstToken, perToken),
            chip,
            mode == ServingMode.Fusion ? chip : other,
            null,
            PlanRestriction.None,
            PlanRestriction.None,
            isRange ? new RedundancyRange(0, highest) : null,
            shared,
            new MultiTokenPrediction(drafts, 0.85) { Draft = draft },
            accounting);
}
