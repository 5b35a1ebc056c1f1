using FastSim.Kernels.Chips;
using FastSim.Kernels.Rates;

namespace FastSim.Kernels.Plans;

/// <summary>What a card of a plan costs and draws at a batch; NaN where the chip's file does not say enough.</summary>
/// <param name="DollarsPerHour">Dollars of a card and hour.</param>
/// <param name="BoardWatts">The most that a card draws for long, W.</param>
/// <param name="IdleWatts">What a card draws that does nothing, W.</param>
/// <param name="WorkWatts">What its work draws on top, W, on average over time, as long as the plan has all the load it can serve.</param>
public readonly record struct CardDraw(double DollarsPerHour, double BoardWatts, double IdleWatts, double WorkWatts)
{
    /// <summary>Nothing is known.</summary>
    public static CardDraw Unknown { get; } = new(double.NaN, double.NaN, double.NaN, double.NaN);

    /// <summary>Average draw of a card, W.</summary>
    public double Watts => IdleWatts + WorkWatts;

    /// <summary>The draw of a card whose work draws something.</summary>
    /// <param name="rates">Its chip.</param>
    /// <param name="workWatts">What its work draws; NaN where that is unknown.</param>
    internal static CardDraw Of(ChipRates rates, double workWatts)
    {
        ReadOnlySpan<double> figures = rates.Numbers.Values;
        return new CardDraw(
            figures[ChipNumbers.DollarsPerHour] + figures[ChipNumbers.SecondDollarsPerHour], figures[ChipNumbers.BoardWatts], figures[ChipNumbers.IdleWatts], workWatts);
    }
}
