using System.Globalization;
using FastSim.Cli.Planning;
using FastSim.Cli.Reports;
using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Cli.DeploymentReports;

/// <summary>What the memory of a card of each pool holds.</summary>
internal static class MemoryPlot
{
    /// <summary>Draws the pools.</summary>
    /// <param name="pools">Each pool and what it is called.</param>
    /// <param name="tips">Takes what marks say.</param>
    public static Plot Draw(IReadOnlyList<(string Name, PhaseWinner Winner)> pools, PageTips tips)
    {
        const string Title = "Memory of a card, GiB";
        bool hasEngine = pools[0].Winner.Shape.Engine is not null;
        (string Name, string Colour, string? Kind, Func<CardMemory, double> Bytes)[] parts =
        [
            ("weights", Palette.Kind(0), null, memory => memory.Weights),
            ("keys and values", Palette.Kind(2), null, memory => memory.Cache),
            (hasEngine ? "the engine's" : "working space", Palette.Kind(1), null, memory => memory.Working),
            ("free", Palette.Missing, "missing", memory => memory.Free),
        ];
        (string Name, CardMemory Memory, double Capacity)[] memories = [.. pools.SelectMany(pool => MemoriesOf(pool.Name, pool.Winner))];
        StackedBar[] bars =
        [
            .. memories.Select(pool =>
            {
                (CardMemory memory, double capacity) = (pool.Memory, pool.Capacity);
                return new StackedBar(
                    string.Create(CultureInfo.InvariantCulture, $"{pool.Name}: {Gib(capacity):0.0} GiB{(memory.IsFull ? ", full" : "")}"),
                    0,
                    [
                        .. parts.Where(part => part.Bytes(memory) > 0).Select(part => new BarPiece(
                            Gib(part.Bytes(memory)),
                            part.Colour,
                            tips.Add($"{pool.Name}, {part.Name}", string.Create(CultureInfo.InvariantCulture, $"{Gib(part.Bytes(memory)):0.0} GiB, {PassPlot.Share(part.Bytes(memory), capacity)} of the card")),
                            string.Create(CultureInfo.InvariantCulture, $"{Gib(part.Bytes(memory)):0.0}"),
                            part.Kind)),
                    ]);
            }),
        ];
        return new Plot(
            "memory",
            Title,
            "Full: not one more sequence of each micro-batch fits what weights and cache may take.",
            StackedBars.Draw(Title, "GiB", bars, [.. parts.Select(part => LegendEntry.Square(part.Name, part.Colour, part.Kind))]),
            new PageTable(
                "What a card holds, bytes",
                ["pool", .. parts.Select(part => part.Name)],
                [
                    .. memories.Select(pool => (IReadOnlyList<PageCell>)
                        [pool.Name, .. parts.Select(part => PageCell.Of(part.Bytes(pool.Memory), "N0"))]),
                ]));
    }

    /// <summary>A card's memory, and its second one where something lies there.</summary>
    private static IEnumerable<(string Name, CardMemory Memory, double Capacity)> MemoriesOf(string name, PhaseWinner winner)
    {
        yield return (name, CardMemory.Of(winner), winner.Rates.CapacityBytes);
        if (CardMemory.SecondOf(winner) is { } second)
        {
            yield return ($"{name}, second memory", second, winner.Rates.SecondCapacityBytes);
        }
    }

    private static double Gib(double bytes) => bytes / DeviceMemory.BytesPerGibibyte;
}
