using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using nietras.SeparatedValues;

namespace FastSim.Cli.Planning;

/// <summary>Deployments as CSV, a row each (docs/file-formats.md, "Fronts").</summary>
internal static class PlanTables
{
    private static readonly string[] Layout = ["cards", "dp", "pp", "tp", "ep", "moe_tp", "moe_dp", "redundant_experts", "num_bs", "microbatch"];

    private static readonly string[] BatchColumns =
    [
        "run", "mode", "phase", "microbatch", "in_flight_per_card", "ttft_ms", "tpot_ms", "tokens_per_second", "tokens_per_second_per_card", "memory_gib", "within_limits",
    ];

    /// <summary>Columns of a deployment.</summary>
    public static IReadOnlyList<string> Columns { get; } =
    [
        "mode", "model", "system", "tokens_per_second_per_card", "tokens_per_second_per_user", "ttft_ms", "tpot_ms", "requests_per_second", "tokens_per_second", "cards",
        .. Layout.Select(column => $"prefill_{column}"), .. Layout.Select(column => $"decoder_{column}"),
    ];

    /// <summary>Writes deployments.</summary>
    /// <param name="points">The deployments, each with its job.</param>
    /// <param name="writer">Where.</param>
    /// <exception cref="ConfigurationException">A figure is no number.</exception>
    public static void WriteFront(IEnumerable<(Job Job, FrontPoint Point)> points, TextWriter writer)
    {
        (Job Job, FrontPoint Point)[] all = [.. points];
        FurtherColumns further = FurtherColumns.Of([.. all.Select(each => each.Job)]);
        using SepWriter csv = ResultCsv.Open(writer);
        csv.Header.Add(["run", .. Columns, .. further.Names]);
        csv.Header.Write();
        foreach ((Job job, FrontPoint point) in all)
        {
            using SepWriter.Row row = csv.NewRow();
            row["run"].Set(Cell.Of(job.Index));
            SetDeployment(row, job, point, further);
        }
    }

    /// <summary>Writes the columns of a deployment.</summary>
    /// <param name="row">Its row.</param>
    /// <param name="job">Its job.</param>
    /// <param name="point">The deployment.</param>
    /// <param name="further">Columns that the table has besides.</param>
    /// <exception cref="ConfigurationException">A figure is no number.</exception>
    public static void SetDeployment(SepWriter.Row row, Job job, FrontPoint point, FurtherColumns further)
    {
        row["mode"].Set(RuntimeFile.NameOf(job.Mode));
        row["model"].Set(Cell.Text(job.Model.Name));
        row["system"].Set(Cell.Text(job.DecodeChip.Name));
        Set(row, "tokens_per_second_per_card", point.TokensPerCardSecond);
        Set(row, "tokens_per_second_per_user", point.Decode is null ? double.NaN : point.TokensPerUserSecond);
        Set(row, "ttft_ms", job.Mode == ServingMode.Split && point.Prefill is null ? double.NaN : point.Merit.FirstTokenSeconds * 1000);
        Set(row, "tpot_ms", point.Decode is null ? double.NaN : point.Merit.PerTokenSeconds * 1000);
        Set(row, "requests_per_second", point.RequestsPerSecond(job.Lengths));
        Set(row, "tokens_per_second", point.Merit.TokensPerSecond);
        Set(row, "cards", point.Cards);
        SetPlan(row, "prefill", job, point.Prefill);
        SetPlan(row, "decoder", job, point.Decode);
        foreach ((string column, double value) in further.ValuesOf(point))
        {
            Set(row, column, value);
        }
    }

    /// <summary>Writes what the layouts of a deployment do over the batch, the limits aside.</summary>
    /// <param name="deployments">Deployments, each with its job.</param>
    /// <param name="writer">Where.</param>
    /// <exception cref="ConfigurationException">A figure is no number.</exception>
    public static void WriteBatches(IEnumerable<(Job Job, FrontPoint Point)> deployments, TextWriter writer)
    {
        using SepWriter csv = ResultCsv.Open(writer);
        csv.Header.Add(BatchColumns);
        csv.Header.Write();
        foreach ((Job job, FrontPoint point) in deployments)
        {
            bool isSplit = job.Mode == ServingMode.Split;
            (string Phase, FrontPlan? Plan, ServingRole Role)[] phases = isSplit
                ? [("prefill", point.Prefill, ServingRole.Prefill), ("decoder", point.Decode, ServingRole.Decode)]
                : [("fusion", point.Decode, ServingRole.Both)];
            foreach ((string phase, FrontPlan? plan, ServingRole role) in phases)
            {
                foreach (ProfiledBatch batch in plan is { } known ? BatchProfile.Of(job, known, role) : [])
                {
                    using SepWriter.Row row = csv.NewRow();
                    PlanFigures figures = batch.Plan.Figures;
                    ParallelLayout layout = batch.Plan.Layout;
                    row["run"].Set(Cell.Of(job.Index));
                    row["mode"].Set(RuntimeFile.NameOf(job.Mode));
                    row["phase"].Set(phase);
                    Set(row, "microbatch", MicroBatch(job, batch.Plan));
                    Set(row, "in_flight_per_card", batch.Plan.Sequences * batch.Plan.MicroBatches * layout.DataParallel / layout.Cards);
                    Set(row, "ttft_ms", figures.FirstTokenSeconds * 1000);
                    Set(row, "tpot_ms", figures.PerTokenSeconds * 1000);
                    Set(row, "tokens_per_second", figures.TokensPerSecond);
                    Set(row, "tokens_per_second_per_card", figures.TokensPerSecond / layout.Cards);
                    Set(row, "memory_gib", batch.MemoryBytes / DeviceMemory.BytesPerGibibyte);
                    row["within_limits"].Set(Cell.Of(batch.IsWithin));
                }
            }
        }
    }

    private static void SetPlan(SepWriter.Row row, string phase, Job job, FrontPlan? plan)
    {
        bool hasExperts = job.Model.Experts is not null;
        double[] values = plan is { Layout: { } layout } known
            ?
            [
                layout.Cards, layout.DataParallel, layout.PipelineParallel, layout.TensorParallel, .. hasExperts
                    ? (double[])[layout.ExpertParallel, layout.ExpertTensorParallel, layout.ExpertDataParallel, layout.RedundantExperts]
                    : [double.NaN, double.NaN, double.NaN, double.NaN],
                known.MicroBatches, MicroBatch(job, known),
            ]
            : [.. Layout.Select(_ => double.NaN)];
        for (int column = 0; column < Layout.Length; column++)
        {
            Set(row, $"{phase}_{Layout[column]}", values[column]);
        }
    }

    /// <summary><c>b</c> of the cost model: sequences per rank for a dense model, per card for a mixture of experts.</summary>
    private static double MicroBatch(Job job, FrontPlan plan) => job.Model.Experts is null ? plan.Sequences : plan.Sequences / plan.Layout.RankCards;

    private static void Set(SepWriter.Row row, string column, double value) =>
        row[column].Set(double.IsNaN(value) ? Cell.Empty : Cell.Finite(value, column).ToString("R", CultureInfo.InvariantCulture));
}
