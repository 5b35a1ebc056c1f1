using System.Globalization;

namespace FastSim.Kernels.Fitting;

/// <summary>Fits a kind from each start of its form, on cases that are drawn by their hashes: a fifth stays out, and of the rest some are enough.</summary>
public sealed class OperatorFitting
{
    private const int SignificantDigits = 6;

    private readonly MeasuredKind kind;
    private readonly int[] seen;
    private readonly int[] heldOut;
    private readonly double[][] starts;
    private readonly (double[] Parameters, double Loss)[] found;

    /// <summary>Draws the cases.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="mostCases">Most cases that a fit sees.</param>
    public OperatorFitting(MeasuredKind kind, int mostCases)
    {
        ArgumentNullException.ThrowIfNull(kind);
        this.kind = kind;
        seen = kind.CasesToFit(mostCases);
        heldOut = [.. Enumerable.Range(0, kind.Measured.Count).Where(kind.IsHeldOut)];
        starts = kind.Form.Starts;
        found = new (double[], double)[starts.Length];
    }

    /// <summary>Starts there are.</summary>
    public int Starts => starts.Length;

    /// <summary>Fits from a start; different starts may run at the same time.</summary>
    public void FitFrom(int start)
    {
        double[] measured = [.. seen.Select(index => kind.Measured[index])];
        found[start] = FormFit.From(kind.Form, kind.Model(seen), measured, starts[start]);
    }

    /// <summary>The best of what was found, judged.</summary>
    public OperatorFit Best()
    {
        // Judged is what files hold: rounded parameters.
        double[] parameters = Array.ConvertAll(found.MinBy(fit => fit.Loss).Parameters, Rounded);
        double[] ratios = Ratios(parameters);
        double[] rooflines = [.. kind.Measured.Select((measured, index) => kind.Roofline(index) / measured)];
        double factor = FlatRoofline.Factor(rooflines);
        return new OperatorFit(
            kind.Form.Family,
            kind.Kind,
            parameters,
            FitErrors.Of(seen.Select(index => ratios[index])),
            FitErrors.Of(heldOut.Select(index => ratios[index])),
            ratios,
            Array.ConvertAll(rooflines, ratio => ratio * factor));
    }

    private double[] Ratios(double[] parameters)
    {
        double[] times = new double[kind.Measured.Count];
        kind.Model([.. Enumerable.Range(0, times.Length)])(parameters, times);
        for (int index = 0; index < times.Length; index++)
        {
            times[index] /= kind.Measured[index];
        }

        return times;
    }

    private static double Rounded(double value) => double.Parse(
        value.ToString($"G{SignificantDigits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
