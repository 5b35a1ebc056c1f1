using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Fitting;

/// <summary>Measured cases of one kind of an operator family, with the timing that is to be fitted to them.</summary>
public abstract class MeasuredKind
{
    private const ulong HeldOutParts = 5;

    private protected MeasuredKind(TimingForm form, string kind, double[] measured)
    {
        Form = form;
        Kind = kind;
        Measured = measured;
    }

    /// <summary>The timing's parameters; its family is the kind's.</summary>
    public TimingForm Form { get; }

    /// <summary>What distinguishes the kind within the family.</summary>
    public string Kind { get; }

    /// <summary>Measured microseconds, one a case.</summary>
    public IReadOnlyList<double> Measured { get; }

    /// <summary>A hash of a case's numbers.</summary>
    public abstract ulong Hash(int index);

    /// <summary>Whether a case is of the fifth that nothing is fitted to; always the same ones.</summary>
    public bool IsHeldOut(int index) => Hash(index) % HeldOutParts == 0;

    /// <summary>Cases that a fit sees: of those that are not held out as many as it may, drawn by their hashes.</summary>
    /// <param name="most">How many it may.</param>
    public int[] CasesToFit(int most) =>
    [
        .. Enumerable.Range(0, Measured.Count)
            .Where(index => !IsHeldOut(index))
            .OrderBy(index => CaseHash.Mix(Hash(index)))
            .ThenBy(index => Measured[index])
            .Take(most),
    ];

    /// <summary>Microseconds of a case at the chip's peaks.</summary>
    public abstract double Roofline(int index);

    /// <summary>A case as learned efficiencies see it; null where they do not.</summary>
    public abstract OperatorShape? Shape(int index);

    /// <summary>The timing of some cases.</summary>
    /// <param name="cases">Their indices.</param>
    public abstract TimingModel Model(int[] cases);
}

/// <summary>Measured cases of one kind.</summary>
/// <typeparam name="T">A case: the numbers that its time follows from.</typeparam>
public sealed class MeasuredKind<T> : MeasuredKind
{
    private readonly T[] cases;
    private readonly Func<T, double[]> numbers;
    private readonly Func<double[], Func<T, double>> timing;
    private readonly Func<T, double> roofline;
    private readonly Func<T, OperatorShape>? shape;

    /// <summary>Cases with their timing.</summary>
    /// <param name="form">The timing's parameters.</param>
    /// <param name="kind">What distinguishes the kind within the family.</param>
    /// <param name="measured">The cases and their measured microseconds.</param>
    /// <param name="numbers">A case's numbers, which are hashed.</param>
    /// <param name="timing">Microseconds of cases under given parameters.</param>
    /// <param name="roofline">Microseconds of a case at the chip's peaks.</param>
    /// <param name="shape">A case as learned efficiencies see it; null where they do not.</param>
    public MeasuredKind(
        TimingForm form,
        string kind,
        IReadOnlyCollection<(T Case, double Microseconds)> measured,
        Func<T, double[]> numbers,
        Func<double[], Func<T, double>> timing,
        Func<T, double> roofline,
        Func<T, OperatorShape>? shape = null)
        : base(form, kind, [.. measured.Select(pair => pair.Microseconds)])
    {
        cases = [.. measured.Select(pair => pair.Case)];
        this.numbers = numbers;
        this.timing = timing;
        this.roofline = roofline;
        this.shape = shape;
    }

    /// <inheritdoc/>
    public override ulong Hash(int index) => CaseHash.Of(numbers(cases[index]));

    /// <inheritdoc/>
    public override double Roofline(int index) => roofline(cases[index]);

    /// <inheritdoc/>
    public override OperatorShape? Shape(int index) => shape?.Invoke(cases[index]);

    /// <inheritdoc/>
    public override TimingModel Model(int[] cases)
    {
        T[] chosen = Array.ConvertAll(cases, index => this.cases[index]);
        return (parameters, microseconds) =>
        {
            Func<T, double> bound = timing(parameters);
            for (int index = 0; index < chosen.Length; index++)
            {
                microseconds[index] = bound(chosen[index]);
            }
        };
    }
}
