using FastSim.Cli.Configuration.Published.Quantization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>What a quantization makes of a model: the format of every projection of every block, reduced to what lowering asks for.</summary>
internal sealed class CheckpointStorage
{
    private static readonly WeightRoles[] Roles =
        [WeightRoles.Attention, WeightRoles.DenseFeedForward, WeightRoles.RoutedExperts, WeightRoles.SharedExperts, WeightRoles.Router, WeightRoles.Embedding];

    private readonly JsonValue section;
    private readonly QuantizationScheme scheme;
    private readonly ModuleNames names;
    private readonly TransformerModel model;
    private readonly BlockPattern pattern;
    private readonly Dictionary<Projection, Portion[][]> stored = [];
    private readonly Dictionary<WeightFormat, double> elements = [];
    private readonly Dictionary<(WeightRoles Role, ProductFormat? Format), double> met = [];
    private readonly Dictionary<(Projection Projection, AttentionForm? Form), ProjectionShape> shapes = [];

    private CheckpointStorage(JsonValue section, QuantizationScheme scheme, ModuleNames names, TransformerModel model, BlockPattern pattern)
    {
        this.section = section;
        this.scheme = scheme;
        this.names = names;
        this.model = model;
        this.pattern = pattern;
    }

    /// <summary>Resolves a scheme.</summary>
    /// <param name="section">Where the quantization stands.</param>
    /// <param name="scheme">What it says.</param>
    /// <param name="names">What modules are called.</param>
    /// <param name="model">The model, with its structure.</param>
    /// <param name="ownBytes">Bytes of the model's own type.</param>
    public static StoredWeights Of(JsonValue section, QuantizationScheme scheme, ModuleNames names, TransformerModel model, double ownBytes)
    {
        CheckpointStorage storage = new(section, scheme, names, model, model.Structure!.Pattern);
        foreach (Projection projection in Enum.GetValues<Projection>())
        {
            storage.Resolve(projection);
        }

        return storage.elements.Count > 0
            ? storage.Reduce(ownBytes)
            : scheme.Scope?.Complaint("modules that this model has: it names none that is quantized") is { } complaint
                ? throw complaint
                : new StoredWeights(ownBytes, ownBytes, WeightRoles.None);
    }

    private void Resolve(Projection projection)
    {
        WeightRoles role = ProjectionShape.RoleOf(projection);
        int blocks = role == WeightRoles.Embedding ? 1 : model.Blocks;
        Portion[][] byBlock = new Portion[blocks][];
        bool isSomewhere = false;
        for (int block = 0; block < blocks; block++)
        {
            ProjectionShape shape = ShapeOf(projection, block);
            bool isThere = shape.Elements > 0 && role switch
            {
                WeightRoles.Attention or WeightRoles.Embedding => true,
                WeightRoles.DenseFeedForward => pattern.Blocks[block].IsDense,
                _ => pattern.Blocks[block].HasExperts,
            };
            byBlock[block] = isThere ? Portions(projection, block, role == WeightRoles.RoutedExperts ? shape.Copies : 1) : [];
            isSomewhere |= shape.Elements > 0;
            foreach (Portion portion in byBlock[block])
            {
                double here = portion.Share * shape.Elements;
                (WeightRoles, ProductFormat?) meets = (role, portion.Format?.Products);
                met[meets] = met.GetValueOrDefault(meets) + here;
                if (portion.Format is { } format)
                {
                    elements[format] = elements.GetValueOrDefault(format) + here;
                }
            }
        }

        if (isSomewhere)
        {
            stored[projection] = byBlock;
        }
    }

    /// <summary>Extents of a projection in a block: those of its form of attention.</summary>
    private ProjectionShape ShapeOf(Projection projection, int block)
    {
        (Projection, AttentionForm?) key = (projection, FormOf(projection, block));
        if (!shapes.TryGetValue(key, out ProjectionShape shape))
        {
            shape = ProjectionShape.Of(model.Seen(key.Item2), projection);
            shapes[key] = shape;
        }

        return shape;
    }

    /// <summary>What has a projection in a block: its form of attention, or what stands beside that where it has none.</summary>
    private AttentionForm? FormOf(Projection projection, int block)
    {
        AttentionForm? form = pattern.At(block).Form;
        return form is { Beside: { } beside } && ProjectionShape.RoleOf(projection) == WeightRoles.Attention && ProjectionShape.Of(model.Seen(form), projection).Elements == 0
            ? beside
            : form;
    }

    /// <summary>Formats of a projection in a block; one expert stands for all where nothing tells them apart.</summary>
    private Portion[] Portions(Projection projection, int block, int copies)
    {
        if (projection == Projection.AttentionOutput && pattern.At(block).Form is { Beside: { } beside }
            && Found(projection, block, 0, beside.Kind) != Found(projection, block, 0))
        {
            throw section.Complaint("outputs of attention and of what stands beside it in the same format: others cannot be represented");
        }

        int asked = scheme.MayNameExpert ? copies : 1;
        if (asked == 1)
        {
            return [new Portion(Found(projection, block, 0), 1)];
        }

        List<(WeightFormat? Format, int Count)> counted = [];
        for (int expert = 0; expert < asked; expert++)
        {
            WeightFormat? format = Found(projection, block, expert);
            int known = counted.FindIndex(entry => entry.Format == format);
            if (known < 0)
            {
                counted.Add((format, 1));
            }
            else
            {
                counted[known] = (format, counted[known].Count + 1);
            }
        }

        return [.. counted.Select(entry => new Portion(entry.Format, entry.Count / (double)asked))];
    }

    private WeightFormat? Found(Projection projection, int block, int expert) =>
        Found(projection, block, expert, FormOf(projection, block)?.Kind ?? model.Attention);

    private WeightFormat? Found(Projection projection, int block, int expert, AttentionKind kind)
    {
        // A table that projects to the logits is one matrix: the table.
        bool isTable = projection == Projection.Embedding || (projection == Projection.Logits && model.Structure!.TiedEmbeddings);
        FoundFormat found = scheme.Of(names.Of(isTable ? Projection.Embedding : projection, block, kind, expert));
        if (found.IsNamed)
        {
            return found.Format;
        }

        return projection switch
        {
            _ when isTable => scheme.Embedding,
            Projection.Logits => scheme.RestHasLogits ? found.Format : null,

            // In the model's own type or a wider one, though nobody lists it.
            Projection.StateScalars when kind == AttentionKind.SelectiveScan => found.Format,
            Projection.Router or Projection.IndexWeights or Projection.StateScalars or Projection.Compressor or Projection.IndexCompressor => null,
            _ when scheme.RoutedExperts is { } own && ProjectionShape.RoleOf(projection) == WeightRoles.RoutedExperts => own,
            _ when scheme.SparesExperts && ProjectionShape.RoleOf(projection) == WeightRoles.RoutedExperts => null,
            Projection.RoutedInput or Projection.RoutedOutput when names.Of(projection, block, kind, expert).Length == 0 => null,
            _ => scheme.ExpertsAlone && ProjectionShape.RoleOf(projection) != WeightRoles.RoutedExperts ? null : found.Format,
        };
    }

    private StoredWeights Reduce(double ownBytes)
    {
        WeightFormat main = elements.MaxBy(entry => entry.Value).Key;
        Dictionary<Projection, StoredShare[]> shares = stored.ToDictionary(
            entry => entry.Key, entry => entry.Value.Select((portions, block) => Share(portions, main, ShapeOf(entry.Key, block), ownBytes)).ToArray());
        WeightRoles quantized = WeightRoles.None;
        bool byRole = true;
        Dictionary<WeightRoles, WeightBlock> units = [];
        foreach (WeightRoles role in Roles)
        {
            Projection[] projections = [.. stored.Keys.Where(projection => ProjectionShape.RoleOf(projection) == role)];
            StoredShare[] ofRole = [.. projections.SelectMany(projection => shares[projection].Where((_, block) => stored[projection][block].Length > 0))];
            bool isQuantized = Array.TrueForAll(ofRole, share => share == new StoredShare(1, 0));
            quantized |= isQuantized ? role : WeightRoles.None;
            byRole &= isQuantized || Array.TrueForAll(ofRole, share => share == new StoredShare(0, ownBytes));
            WeightBlock unit = Unit(projections);
            if (unit != (isQuantized ? main.Block : WeightBlock.None))
            {
                units[role] = unit;
            }
        }

        return new StoredWeights(ownBytes, MeanBytes(main), quantized)
        {
            Block = main.Block,
            Blocks = units,
            Products = Products(),
            CachesInEightBits = scheme.CachesInEightBits,
            IsCacheOfOptimizer = scheme.CachesInEightBits && scheme.IsOfOptimizer,
            Projections = byRole ? null : new StoredProjections(pattern, shares.Select(entry => (entry.Key, entry.Value))),
        };
    }

    /// <summary>What most weights of each role meet; not of roles that stay in the model's own type for the most part.</summary>
    private Dictionary<WeightRoles, ProductFormat> Products()
    {
        Dictionary<WeightRoles, ProductFormat> products = [];
        foreach (IGrouping<WeightRoles, KeyValuePair<(WeightRoles Role, ProductFormat? Format), double>> role in met.Where(entry => entry.Key.Format is not null).GroupBy(entry => entry.Key.Role))
        {
            KeyValuePair<(WeightRoles Role, ProductFormat? Format), double> most = role.MaxBy(entry => entry.Value);
            if (most.Value >= met.GetValueOrDefault((role.Key, null)))
            {
                products[role.Key] = most.Key.Format!.Value;
            }
        }

        return products;
    }

    private static StoredShare Share(Portion[] portions, WeightFormat main, ProjectionShape shape, double ownBytes)
    {
        double run = 0;
        double rest = 0;
        foreach (Portion portion in portions)
        {
            run += portion.Format == main ? portion.Share : 0;
            rest += portion.Format == main ? 0 : portion.Share * (portion.Format?.Bytes(shape) ?? ownBytes);
        }

        return new StoredShare(run, rest);
    }

    /// <summary>Bytes a weight of a format over all matrices that have it: those of long channels share a scale among more.</summary>
    private double MeanBytes(WeightFormat format)
    {
        double weights = 0;
        double bytes = 0;
        HashSet<double> different = [];
        foreach ((Projection projection, Portion[][] byBlock) in stored)
        {
            foreach (IGrouping<ProjectionShape, int> alike in Enumerable.Range(0, byBlock.Length).GroupBy(block => ShapeOf(projection, block)))
            {
                ProjectionShape shape = alike.Key;
                double here = shape.Elements * alike.Sum(block => byBlock[block].Where(portion => portion.Format == format).Sum(portion => portion.Share));
                if (here > 0)
                {
                    different.Add(format.Bytes(shape));
                    weights += here;
                    bytes += here * format.Bytes(shape);
                }
            }
        }

        return different.Count == 1 ? different.Single() : bytes / weights;
    }

    /// <summary>The least unit that the units of all formats in some projections divide.</summary>
    private WeightBlock Unit(Projection[] projections)
    {
        WeightBlock unit = WeightBlock.None;
        foreach (WeightFormat format in projections.SelectMany(projection => stored[projection]).SelectMany(portions => portions)
            .Select(portion => portion.Format).OfType<WeightFormat>().Distinct())
        {
            unit = new WeightBlock(LeastCommonMultiple(unit.Outputs, format.Block.Outputs), LeastCommonMultiple(unit.Inputs, format.Block.Inputs));
        }

        return unit;
    }

    private static int LeastCommonMultiple(int first, int second)
    {
        (int larger, int smaller) = (first, second);
        while (smaller > 0)
        {
            (larger, smaller) = (smaller, larger % smaller);
        }

        return (int)Math.Min((long)first / larger * second, int.MaxValue);
    }

    /// <summary>A part of a projection's matrices that are stored alike.</summary>
    /// <param name="Format">How; null for the model's own type.</param>
    /// <param name="Share">How many of them, 0 to 1.</param>
    private readonly record struct Portion(WeightFormat? Format, double Share);
}
