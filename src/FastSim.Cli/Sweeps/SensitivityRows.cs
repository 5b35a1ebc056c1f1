using FastSim.Cli.Configuration;
using FastSim.Cli.Output;

namespace FastSim.Cli.Sweeps;

/// <summary>Writes rows of <c>sensitivity.csv</c>. Serves one thread.</summary>
/// <param name="plan">The sweep.</param>
/// <param name="table">Its rows.</param>
/// <param name="axes">The axes, and the column of each to whose values elasticities are taken.</param>
/// <param name="names">Names of the elasticities.</param>
internal sealed class SensitivityRows(SweepPlan plan, SweepTable table, (int Axis, AxisColumn Column)[] axes, string[] names)
{
    private readonly CsvBytes csv = new();
    private readonly VariantValues values = new(plan.Space);
    private readonly Sensitivity sensitivity = new(table, plan.Space, plan.First.Jobs.Length, table.Number(SweepColumns.PerCard));
    private readonly string[] axisNames = [.. plan.AxisNames];

    /// <summary>Some rows (<see cref="CsvBytes.Take"/>).</summary>
    /// <param name="first">First of them.</param>
    /// <param name="end">One past the last.</param>
    public (byte[] Buffer, int Length) Of(int first, int end)
    {
        for (int row = first; row < end; row++)
        {
            csv.Whole(table.Variants[row]);
            csv.Whole(table.Jobs[row]);
            values.Load(table.Variants[row]);
            for (int place = 0; place < axisNames.Length; place++)
            {
                csv.Number(values.At(place), axisNames[place]);
            }

            for (int index = 0; index < axes.Length; index++)
            {
                csv.Number(sensitivity.At(row, axes[index].Axis, axes[index].Column), names[index]);
            }

            csv.EndRow();
        }

        byte[] text = csv.Take(out int length);
        return (text, length);
    }
}
