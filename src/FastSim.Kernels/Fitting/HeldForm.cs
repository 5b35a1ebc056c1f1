using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Fitting;

/// <summary>Timing forms at the rates that chips hold (docs/surrogate.md, "Held rates"), for fits to several chips together.</summary>
public static class HeldForm
{
    /// <summary>The timing of some operators of one form, each on its chip.</summary>
    /// <param name="cases">The operators; all of one family and slot.</param>
    public static TimingModel Of(IReadOnlyList<(OperatorShape Shape, RooflineChip Chip)> cases)
    {
        ArgumentNullException.ThrowIfNull(cases);
        RooflineChip[] met = new RooflineChip[cases.Count];
        double[] haste = new double[cases.Count];
        for (int index = 0; index < met.Length; index++)
        {
            (OperatorShape shape, RooflineChip chip) = cases[index];
            met[index] = HeldRates.Of(shape, chip, OperatorComponents.MetBytesPerSecond(shape, chip), out haste[index]);
        }

        return (parameters, microseconds) =>
        {
            Span<double> run = stackalloc double[parameters.Length];
            for (int index = 0; index < met.Length; index++)
            {
                (OperatorShape shape, RooflineChip chip) = cases[index];
                FormParameters.AsLaunched(shape, chip, parameters, run);
                microseconds[index] = OperatorFeatures.FormMicroseconds(shape, met[index], run) / haste[index];
            }
        };
    }
}
