namespace FastSim.Search.Fronts;

/// <summary>Deployments that no other beats, most throughput first. One that another equals in everything goes if that comes before it.</summary>
/// <param name="order">Which of two equals comes first, as comparisons say it.</param>
/// <typeparam name="T">A deployment.</typeparam>
internal sealed class FrontLine<T>(Comparison<T> order)
{
    private List<(Merit Merit, T Deployment)> points = [];

    /// <summary>Whether one of the two latencies is the same for all: then the other rises with throughput.</summary>
    private bool isPlane = true;

    /// <summary>The deployments.</summary>
    public IReadOnlyList<(Merit Merit, T Deployment)> Points => points;

    /// <summary>Whether some deployment is as good in everything and better in something.</summary>
    public bool Beats(in Merit merit)
    {
        int last = LastWith(merit.TokensPerSecond);
        int first = isPlane ? Math.Max(0, last) : 0;
        for (int point = last; point >= first; point--)
        {
            if (points[point].Merit.Covers(merit))
            {
                return points[point].Merit != merit;
            }
        }

        return false;
    }

    /// <summary>Place of the deployment of least throughput that still has some; -1 for none.</summary>
    public int LastWith(double tokensPerSecond)
    {
        (int with, int without) = (-1, points.Count);
        while (without - with > 1)
        {
            int middle = with + ((without - with) / 2);
            (with, without) = points[middle].Merit.TokensPerSecond >= tokensPerSecond ? (middle, without) : (with, middle);
        }

        return with;
    }

    /// <summary>Takes deployments in, and lets go of what they beat.</summary>
    public void Add(IEnumerable<(Merit Merit, T Deployment)> some)
    {
        List<(Merit Merit, T Deployment)> all = [.. points, .. some];
        if (all.Count == points.Count)
        {
            return;
        }

        all.Sort(Compare);
        points = new List<(Merit, T)>(all.Count);

        // Of those so far, all of as much throughput, the least time per token for each time to first token: both fall along it.
        List<(double FirstToken, double PerToken)> stairs = [];
        foreach ((Merit merit, T deployment) in all)
        {
            int step = StepOf(stairs, merit.FirstTokenSeconds);
            if (step >= 0 && stairs[step].PerToken <= merit.PerTokenSeconds)
            {
                continue;
            }

            points.Add((merit, deployment));
            int beaten = step >= 0 && stairs[step].FirstToken == merit.FirstTokenSeconds ? step : step + 1;
            int end = beaten;
            while (end < stairs.Count && stairs[end].PerToken >= merit.PerTokenSeconds)
            {
                end++;
            }

            stairs.RemoveRange(beaten, end - beaten);
            stairs.Insert(beaten, (merit.FirstTokenSeconds, merit.PerTokenSeconds));
        }

        Merit first = points[0].Merit;
        isPlane = points.TrueForAll(point => point.Merit.FirstTokenSeconds == first.FirstTokenSeconds)
            || points.TrueForAll(point => point.Merit.PerTokenSeconds == first.PerTokenSeconds);
    }

    /// <summary>The last stair of at most some time to first token; -1 for none.</summary>
    private static int StepOf(List<(double FirstToken, double PerToken)> stairs, double firstToken)
    {
        (int within, int beyond) = (-1, stairs.Count);
        while (beyond - within > 1)
        {
            int middle = within + ((beyond - within) / 2);
            (within, beyond) = stairs[middle].FirstToken <= firstToken ? (middle, beyond) : (within, middle);
        }

        return within;
    }

    private int Compare((Merit Merit, T Deployment) one, (Merit Merit, T Deployment) other)
    {
        int by = other.Merit.TokensPerSecond.CompareTo(one.Merit.TokensPerSecond);
        by = by != 0 ? by : one.Merit.FirstTokenSeconds.CompareTo(other.Merit.FirstTokenSeconds);
        by = by != 0 ? by : one.Merit.PerTokenSeconds.CompareTo(other.Merit.PerTokenSeconds);
        return by != 0 ? by : order(one.Deployment, other.Deployment);
    }
}
