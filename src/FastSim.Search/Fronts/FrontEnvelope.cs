using FastSim.Search.Jobs;

namespace FastSim.Search.Fronts;

/// <summary>A deployment of one of many variants of a job.</summary>
/// <param name="Variant">The variant's number.</param>
/// <param name="Job">The job as the variant has it.</param>
/// <param name="Point">The deployment.</param>
public sealed record EnvelopePoint(long Variant, Job Job, FrontPoint Point);

/// <summary>
/// Of the fronts of a job's variants what is left when they are put together: deployments that none of another variant beats in throughput of a card,
/// time to first token and time per output token. By card, for variants may have different numbers of them. Of deployments that are equal in all three
/// that of the first variant stays, so that what is left does not depend on the order in which fronts are taken in.
/// </summary>
public sealed class FrontEnvelope
{
    private readonly FrontLine<EnvelopePoint> line = new((one, other) =>
        one.Variant != other.Variant ? one.Variant.CompareTo(other.Variant) : FrontPoint.Order(one.Point, other.Point));

    /// <summary>What is left, most throughput of a card first.</summary>
    public IEnumerable<EnvelopePoint> Points => line.Points.Select(point => point.Deployment);

    /// <summary>Takes in the front of a variant.</summary>
    /// <param name="variant">The variant's number.</param>
    /// <param name="job">The job as the variant has it.</param>
    /// <param name="front">Its front.</param>
    public void Add(long variant, Job job, IReadOnlyList<FrontPoint> front)
    {
        ArgumentNullException.ThrowIfNull(front);
        line.Add(front.Select(point => (Merit: point.Merit with { TokensPerSecond = point.TokensPerCardSecond }, Point: point))
            .Where(each => !line.Beats(each.Merit))
            .Select(each => (each.Merit, new EnvelopePoint(variant, job, each.Point))));
    }
}
