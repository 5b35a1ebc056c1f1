namespace FastSim.Kernels.Chips;

/// <summary>
/// A larger, slower memory of a card, such as what hangs on CXL or belongs to the host (<c>mem2</c>): what is kept there streams through the first on its way
/// to the units (docs/cost-model.md, "Second memory").
/// </summary>
/// <param name="CapacityGibibytes"><c>GiB</c>, a card's share.</param>
/// <param name="GigabytesPerSecond"><c>GBps</c> a card, 1e9 bytes each, either way.</param>
/// <param name="CalibrationCoefficient">Share of the bandwidth that is reached.</param>
/// <param name="Efficiency">Further share by megabytes that a pass streams.</param>
/// <param name="JoulesPerByte"><c>joules_per_byte</c>: joules of a byte read or written; null where it is unknown.</param>
public sealed record SecondMemory(
    double CapacityGibibytes, double GigabytesPerSecond, double CalibrationCoefficient, EfficiencyTable Efficiency, double? JoulesPerByte = null)
{
    /// <summary><c>price_per_hour</c>: dollars an hour that a card costs more for it; 0 where the card's price has it already.</summary>
    public double DollarsPerHour { get; init; }
}
