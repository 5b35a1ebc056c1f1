using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Peaks of a chip by number format, as its numbers are when they are read: a job states one type for all products, the fastest that it uses, and each product computes at no more than its own format's peak.
/// </summary>
internal sealed class FormatPeaks
{
    private const int BitsOfByte = 8;

    private static readonly NumberKind[] AllKinds = Enum.GetValues<NumberKind>();

    private readonly RooflineChip chip;
    private readonly double[] timesMatrixType;

    /// <summary>Reads a chip's peaks.</summary>
    /// <param name="rates">The chip, bound to a job's data types.</param>
    public FormatPeaks(ChipRates rates)
    {
        chip = new RooflineChip(rates.ComputeUnits, rates.PeakMemoryBytesPerSecond, Peak(rates, 16, 0), Peak(rates, 8, 1), Peak(rates, 4, 2)) { Structure = rates.Structure };
        int? matrixBits = MatrixPeaks.BitsOf(rates.Types.Matrix);
        double matrixFlopsPerSecond = rates.PeakFlopsPerSecond(OperatorRate.Matrix);
        double integerFlopsPerSecond = rates.Numbers.Values[ChipNumbers.IntegerTeraflops] * PhysicalUnits.FlopsPerTeraflop;
        timesMatrixType = new double[AllKinds.Length];
        foreach (NumberKind kind in AllKinds)
        {
            bool isOfIntegers = kind == NumberKind.EightBitInteger;
            bool isOther = isOfIntegers || matrixBits < (int)(RooflineChip.ActivationBytes(kind) * BitsOfByte);
            double own = isOfIntegers ? integerFlopsPerSecond : chip.FlopsPerSecond(kind);
            timesMatrixType[(int)kind] = isOther && own > 0 ? Math.Max(1, matrixFlopsPerSecond / own) : 1;
        }
    }

    /// <summary>The peaks as forms and networks know them, to whom integers are as other types of 8 bits.</summary>
    public RooflineChip Chip => chip;

    /// <summary>How many times as long as in the matrix type products of a number format compute at the least: more than once where it is wider, or of integers, and its own peak is lower.</summary>
    /// <param name="kind">The number format.</param>
    public double TimesMatrixType(NumberKind kind) => timesMatrixType[(int)kind];

    /// <summary>Peak FLOP/s of a width: the job's own type where it has that width, since a variant may have changed it.</summary>
    private static double Peak(ChipRates rates, int bits, int width)
    {
        foreach (OperatorRate rate in (ReadOnlySpan<OperatorRate>)[OperatorRate.Matrix, OperatorRate.Attention])
        {
            string type = rates.Types.Of(rate);
            if (MatrixPeaks.BitsOf(type) == bits && !type.StartsWith("int", StringComparison.Ordinal))
            {
                return rates.PeakFlopsPerSecond(rate);
            }
        }

        return rates.Numbers.Values[ChipNumbers.WidthTeraflops(width)] * PhysicalUnits.FlopsPerTeraflop;
    }
}
