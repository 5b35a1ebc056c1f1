namespace FastSim.Kernels.Launches;

/// <summary>
/// How unevenly some tokens choose experts by a truncated power law, quantile by quantile: it goes by no rank that shares the experts, and by no chip. Those that a thread lately asked
/// for are remembered, since every layout of a model asks for the same numbers of tokens. Source: docs/validation.md, "Experts".
/// </summary>
internal sealed class ExpertPopularity
{
    private const int Bits = 12;
    private const double LeastShare = 0.8;

    [ThreadStatic]
    private static ExpertPopularity?[]? remembered;

    private double tokens = double.NaN;
    private double skew;
    private double[] overMean = [];

    private ExpertPopularity()
    {
    }

    /// <summary>Rows of the most popular expert at most, over those of the least.</summary>
    public double Most { get; private set; }

    /// <summary>Mean of the law.</summary>
    public double Mean { get; private set; }

    /// <summary>Its standard deviation over its mean.</summary>
    public double Variation { get; private set; }

    /// <summary>Popularity over its mean, by quantile.</summary>
    public ReadOnlySpan<double> OverMean => overMean;

    /// <summary>The law of some tokens; whoever asks for others may have it written over.</summary>
    /// <param name="tokens">Tokens of the group.</param>
    /// <param name="quantiles">Quantiles.</param>
    /// <param name="skew">Exponent of the law, above 0.</param>
    public static ExpertPopularity Of(double tokens, int quantiles, double skew)
    {
        ExpertPopularity?[] entries = remembered ??= new ExpertPopularity?[1 << Bits];
        ExpertPopularity law = entries[ShapeHash.PlaceOf(tokens, Bits)] ??= new ExpertPopularity();
        if (law.tokens != tokens || law.overMean.Length != quantiles || law.skew != skew)
        {
            law.Take(tokens, quantiles, skew);
        }

        return law;
    }

    private void Take(double ofTokens, int quantiles, double exponentOfLaw)
    {
        (tokens, skew) = (ofTokens, exponentOfLaw);
        overMean = overMean.Length == quantiles ? overMean : new double[quantiles];
        Most = Math.Max(1.001, LeastShare * tokens);
        double mass = Moment(0);
        Mean = Moment(1) / mass;
        Variation = Math.Sqrt(Math.Max(0, (Moment(2) / mass / (Mean * Mean)) - 1));
        double exponent = 1 - skew;
        double high = Math.Pow(Most, exponent);
        double sum = 0;
        for (int quantile = 0; quantile < quantiles; quantile++)
        {
            overMean[quantile] = Math.Pow(((high - 1) * ((quantile + 0.5) / quantiles)) + 1, 1 / exponent);
            sum += overMean[quantile];
        }

        double mean = sum / quantiles;
        for (int quantile = 0; quantile < quantiles; quantile++)
        {
            overMean[quantile] /= mean;
        }
    }

    /// <summary>Moment of the power law between 1 and the most.</summary>
    private double Moment(int order)
    {
        double exponent = order + 1 - skew;
        return Math.Abs(exponent) < 1e-9 ? Math.Log(Most) : (Math.Pow(Most, exponent) - 1) / exponent;
    }
}
