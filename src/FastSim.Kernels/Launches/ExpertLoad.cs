namespace FastSim.Kernels.Launches;

/// <summary>
/// What the hottest rank of an expert group gets to do: experts that are reached, rows they receive, and how unevenly, when tokens choose
/// experts by a truncated power law. Closed form by quantiles. Source: docs/validation.md, "Experts".
/// </summary>
public ref struct ExpertLoad
{
    private const int MostQuantiles = 64;
    private const int ReachQuantiles = 128;

    /// <summary>What the largest of several ranks' loads exceeds the mean by, in standard deviations over √(2·ln ranks).</summary>
    private const double LargestOfRanks = 0.85;

    /// <summary>Share of the experts that few tokens reach at least, as far as there are rows.</summary>
    private const double LeastReachedShare = 0.08;

    /// <summary>Loads that a thread remembers: no chip changes them, and a sweep asks for the same ones of each.</summary>
    private const int Remembered = 1024;

    [ThreadStatic]
    private static Known?[]? remembered;

    /// <summary>How popular experts are, for the number of quantiles and the law that were last asked for: the tokens do not matter.</summary>
    [ThreadStatic]
    private static (int Quantiles, double Skew, double[] Popularity, double Sum) popular;

    private readonly Span<double> rowsPerExpert;
    private readonly Known? known;

    private ExpertLoad(double reached, double rows, double weight, Span<double> rowsPerExpert, Known? known = null)
    {
        Reached = reached;
        Rows = rows;
        Weight = weight;
        this.rowsPerExpert = rowsPerExpert;
        this.known = known;
    }

    /// <summary>Quantiles that <see cref="Of"/> needs room for.</summary>
    public static int Room => MostQuantiles;

    /// <summary>Experts reached.</summary>
    public double Reached { get; }

    /// <summary>Rows received.</summary>
    public double Rows { get; }

    /// <summary>Experts that each of <see cref="RowsPerExpert"/> stands for.</summary>
    public double Weight { get; }

    /// <summary>Rows of an expert, by quantile; 0 for one that is not reached.</summary>
    public readonly ReadOnlySpan<double> RowsPerExpert => rowsPerExpert;

    /// <summary>Loads a group.</summary>
    /// <param name="tokens">Tokens of the group.</param>
    /// <param name="experts">Experts.</param>
    /// <param name="chosen">Experts a token chooses.</param>
    /// <param name="ranks">Ranks that share the experts.</param>
    /// <param name="skew">Exponent of the power law; 0 spreads tokens evenly.</param>
    /// <param name="room">Room for the quantiles, <see cref="Room"/> at least.</param>
    public static ExpertLoad Of(double tokens, double experts, double chosen, double ranks, double skew, Span<double> room)
    {
        Group group = new(tokens, experts, chosen, ranks, skew);
        Known?[] entries = remembered ??= new Known?[Remembered];
        ref Known? entry = ref entries[(uint)group.GetHashCode() % Remembered];
        Known known = entry ??= new Known();
        if (known.Group != group)
        {
            known.Take(group, Work(tokens, experts, chosen, ranks, skew, room));
        }

        (double reached, double received, double weight) = known.Figures;
        return new ExpertLoad(reached, received, weight, known.Rows, known);
    }

    /// <summary>Tiles of so many rows that the experts' own are padded to: one beyond the first counts by half.</summary>
    /// <param name="tile">Rows of a tile.</param>
    public readonly double Tiles(double tile)
    {
        if (known is not null && known.Tile == tile)
        {
            return known.Tiles;
        }

        double tiles = 0;
        foreach (double rows in RowsPerExpert)
        {
            if (rows > 0)
            {
                tiles += rows <= tile ? 1 : (rows / tile) + 0.5;
            }
        }

        tiles *= Weight;
        if (known is not null)
        {
            (known.Tile, known.Tiles) = (tile, tiles);
        }

        return tiles;
    }

    private static ExpertLoad Work(double tokens, double experts, double chosen, double ranks, double skew, Span<double> room)
    {
        double rows = tokens * chosen;
        double local = Math.Max(1, experts / ranks);
        return rows <= experts || skew == 0
            ? Sparse(rows, experts, local, ranks, skew, room)
            : Dense(tokens, rows, experts, local, ranks, skew, room);
    }

    /// <summary>At most a row an expert on average: how many are reached decides.</summary>
    private static ExpertLoad Sparse(double rows, double experts, double local, double ranks, double skew, Span<double> room)
    {
        double reached = Math.Min(rows, experts);
        if (skew > 0)
        {
            reached = Math.Min(rows, Math.Max(PopularExperts(rows, experts, skew), LeastReachedShare * experts));
        }

        double mean = reached / ranks;
        double hottest;
        if (skew == 0)
        {
            hottest = Math.Ceiling(mean - 1e-9);
        }
        else
        {
            hottest = ranks <= 1 ? mean : mean + (Math.Sqrt(2 * mean * Math.Log(ranks)) * LargestOfRanks);
        }

        hottest = Math.Min(Math.Max(hottest, Math.Min(1, reached)), local);
        double received = skew == 0
            ? Math.Max(rows / ranks, hottest)
            : Math.Min(Math.Max(hottest, rows / ranks * (hottest / Math.Max(1e-9, mean))), rows);
        room[0] = received / hottest;
        return new ExpertLoad(hottest, received, hottest, room[..1]);
    }

    /// <summary>Experts whose expected share comes to half a row at least.</summary>
    private static double PopularExperts(double rows, double experts, double skew)
    {
        int quantiles = (int)Math.Min(ReachQuantiles, experts);
        if (popular.Popularity is null || popular.Quantiles != quantiles || popular.Skew != skew)
        {
            double[] found = new double[quantiles];
            popular = (quantiles, skew, found, Popularity(skew, found));
        }

        (_, _, double[] popularity, double sum) = popular;
        double reached = 0;
        for (int quantile = 0; quantile < quantiles; quantile++)
        {
            reached += popularity[quantile] / (sum / quantiles) * rows / experts >= 0.5 ? experts / quantiles : 0;
        }

        return reached;
    }

    /// <summary>How popular experts are by the law, by quantile.</summary>
    /// <returns>Their sum.</returns>
    private static double Popularity(double skew, Span<double> popularity)
    {
        const double Least = 0.01;
        const double Most = 2;
        int quantiles = popularity.Length;
        double exponent = 1 - skew;
        double low = Math.Pow(Least, exponent);
        double high = Math.Pow(Most, exponent);
        double sum = 0;
        for (int quantile = 0; quantile < quantiles; quantile++)
        {
            popularity[quantile] = Math.Pow(((high - low) * ((quantile + 0.5) / quantiles)) + low, 1 / exponent);
            sum += popularity[quantile];
        }

        return sum;
    }

    private static ExpertLoad Dense(double tokens, double rows, double experts, double local, double ranks, double skew, Span<double> room)
    {
        int quantiles = (int)Math.Min(MostQuantiles, experts);
        ExpertPopularity law = ExpertPopularity.Of(tokens, quantiles, skew);
        double hottest = ranks <= 1
            ? 1
            : Math.Min(Math.Min(ranks, law.Most / law.Mean), 1 + (law.Variation / Math.Sqrt(local) * Math.Sqrt(2 * Math.Log(ranks)) * LargestOfRanks));
        double received = rows / ranks * hottest;
        double reached = 0;
        double total = 0;
        ReadOnlySpan<double> overMean = law.OverMean;
        for (int quantile = 0; quantile < overMean.Length; quantile++)
        {
            double own = Math.Min(tokens, overMean[quantile] * received / local);
            room[quantile] = own < 0.5 ? 0 : own;
            reached += own < 0.5 ? 0 : local / quantiles;
            total += room[quantile] * local / quantiles;
        }

        return new ExpertLoad(reached, total, local / quantiles, room[..quantiles]);
    }

    private readonly record struct Group(double Tokens, double Experts, double Chosen, double Ranks, double Skew);

    /// <summary>A load, and the tiles of the size that it was last asked about: a kernel's tile does not depend on the chip's rates. Another takes its place, and its room.</summary>
    private sealed class Known
    {
        private double[] rows = [];
        private int quantiles;

        public Group? Group { get; private set; }

        public (double Reached, double Received, double Weight) Figures { get; private set; }

        public Span<double> Rows => rows.AsSpan(0, quantiles);

        public double Tile { get; set; }

        public double Tiles { get; set; }

        public void Take(Group group, in ExpertLoad load)
        {
            (Group, Figures, Tile) = (group, (load.Reached, load.Rows, load.Weight), double.NaN);
            quantiles = load.RowsPerExpert.Length;
            rows = rows.Length < quantiles ? new double[quantiles] : rows;
            load.RowsPerExpert.CopyTo(rows);
        }
    }
}
