using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>A chip's fitted operators, of which whole blocks are put together as they were measured.</summary>
internal sealed class ModuleTimings
{
    /// <summary>The type whose input is as it comes.</summary>
    public const string Half = "bfloat16";

    private readonly OperatorTimings timings;
    private readonly Dictionary<string, (double[] Parameters, double[] PerDepth, ProductType Type)> products = new(StringComparer.Ordinal);
    private readonly double[] pass;

    /// <summary>Binds a chip.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="timings">Its timings.</param>
    public ModuleTimings(CalibrationChip chip, OperatorTimings timings)
    {
        Chip = chip;
        this.timings = timings;
        pass = timings.Find(QuantizeTiming.Form.Family, QuantizeTiming.Scale) ?? [];
    }

    /// <summary>The chip.</summary>
    public CalibrationChip Chip { get; }

    /// <summary>Whether a kind is fitted.</summary>
    public bool Has(string family, string kind) => timings.Find(family, kind) is not null;

    /// <summary>Parameters of a kind.</summary>
    /// <exception cref="KeyNotFoundException">It is not fitted.</exception>
    public double[] Parameters(string family, string kind) => timings.Find(family, kind) ?? throw new KeyNotFoundException($"{family} {kind}");

    /// <summary>
    /// Microseconds of a product and of quantising its input. Alone, the two have a floor of their own; following one another they have
    /// that of a product and that of a pass.
    /// </summary>
    public double Product(string type, double m, double n, double k)
    {
        if (!products.TryGetValue(type, out (double[] Parameters, double[] PerDepth, ProductType Type) known))
        {
            known = (
                Parameters(GemmTiming.Form.Family, type),
                new double[GemmTiming.Tiles],
                GemmFile.TypeOf(type, Chip) ?? throw new KeyNotFoundException($"{GemmTiming.Form.Family} {type}"));
            GemmTiming.PerDepth(known.Parameters, Chip.Scale, known.Type.Peak, known.Type.WeightBytes, known.Type.ActivationBytes, known.PerDepth);
            products[type] = known;
        }

        double floor = type == Half ? 0
            : Elementwise(0, 1) + GemmTiming.Floor(Parameters(GemmTiming.Form.Family, Half)) - GemmTiming.Floor(known.Parameters);
        return floor + GemmTiming.Microseconds(
            known.Parameters, known.PerDepth, Chip.Scale, known.Type.WeightBytes, known.Type.ActivationBytes, m, n, k, known.Type.QuantizeBytes);
    }

    /// <summary>Microseconds of element-wise kernels in a row: as long as one that scales and casts, byte for byte.</summary>
    /// <param name="bytes">Bytes that they read and write together.</param>
    /// <param name="launches">Kernels.</param>
    public double Elementwise(double bytes, int launches) =>
        QuantizeTiming.Microseconds(pass, Chip.Scale, bytes) + ((launches - 1) * QuantizeTiming.Microseconds(pass, Chip.Scale, 0));
}
