namespace FastSim.Example.Tests.Networks;

/// <summary>What a simulated collective took.</summary>
/// <param name="Hops">Hops in sequence.</param>
/// <param name="Steps">Steps in sequence.</param>
/// <param name="Load">Sum over phases of the busiest link's bytes over its bandwidth, a byte of message.</param>
internal readonly record struct SimulatedCost(double Hops, double Steps, double Load);

/// <summary>
/// Executes a collective's steps over the links of a network. A phase is some steps that only wait for their own: it takes the busiest link's bytes over the link's bandwidth, and the hops
/// of its steps. Blocks are moved as they would be, so that a collective that leaves a card without some is an error.
/// </summary>
internal sealed class StepSimulator(StepNetwork network)
{
    private readonly Dictionary<string, double> loads = [];
    private double hops;
    private double steps;
    private double busiest;
    private double stepHops;

    /// <summary>All cards gather blocks of 1/n: along the dimensions of a grid in an order, parts at a time each by its own.</summary>
    /// <param name="grid">The network, if a grid.</param>
    /// <param name="orders">For each part the dimensions in order.</param>
    public SimulatedCost RingsOfGrid(GridNetwork grid, int[][] orders)
    {
        int parts = orders.Length;
        bool[][,] held = Array.ConvertAll(orders, _ => Own());
        for (int stage = 0; stage < grid.Dimensions; stage++)
        {
            int rounds = orders.Max(order => Rounds(grid, order[stage]));
            for (int part = 0; part < parts; part++)
            {
                Gather(grid, orders[part][stage], held[part], 1d / parts);
            }

            hops += rounds;
            steps += rounds;
            EndPhase();
        }

        Array.ForEach(held, AllHeld);
        return Result();
    }

    /// <summary>An all-gather around the cards in an order.</summary>
    public SimulatedCost Ring(int[] order)
    {
        bool[,] held = Own();
        int n = order.Length;
        for (int step = 1; step < n; step++)
        {
            for (int place = 0; place < n; place++)
            {
                int block = order[(place - step + 1 + n) % n];
                Message(order[place], order[(place + 1) % n], 1d / n);
                Assert.True(held[order[place], block]);
            }

            for (int place = 0; place < n; place++)
            {
                held[order[(place + 1) % n], order[(place - step + 1 + n) % n]] = true;
            }

            EndStep();
        }

        AllHeld(held);
        return Result();
    }

    /// <summary>An all-gather by recursive doubling, the farthest partner first; of a grid along lines, the longest dimension first.</summary>
    public SimulatedCost Halving()
    {
        bool[,] held = Own();
        int n = network.Cards;
        GridNetwork? grid = network as GridNetwork;
        foreach (int d in Enumerable.Range(0, grid?.Dimensions ?? 1).OrderByDescending(d => grid?.Side(d)))
        {
            int side = grid?.Side(d) ?? n;
            for (int apart = side / 2; apart > 0; apart /= 2)
            {
                bool[,] before = (bool[,])held.Clone();
                for (int card = 0; card < n; card++)
                {
                    int partner = grid is null ? card ^ apart : grid.Moved(card, d, grid.Place(card, d) ^ apart);
                    int count = Enumerable.Range(0, n).Count(block => before[card, block]);
                    if (grid is null)
                    {
                        Message(card, partner, (double)count / n);
                    }
                    else
                    {
                        int target = grid.Place(partner, d);
                        Add(grid.Along(card, d, target, target > grid.Place(card, d) ? 1 : -1, 1), (double)count / n);
                        stepHops = Math.Max(stepHops, apart);
                    }

                    for (int block = 0; block < n; block++)
                    {
                        held[partner, block] |= before[card, block];
                    }
                }

                EndStep();
            }
        }

        AllHeld(held);
        return Result();
    }

    /// <summary>A broadcast from the first card along a binomial tree, the farthest first; of a grid dimension by dimension, along lines.</summary>
    public SimulatedCost Tree()
    {
        int n = network.Cards;
        HashSet<int> reached = [0];
        GridNetwork? grid = network as GridNetwork;
        for (int d = 0; d < (grid?.Dimensions ?? 1); d++)
        {
            List<(int First, int Count)> ranges = [(0, grid?.Side(d) ?? n)];
            int[] roots = [.. reached];
            while (ranges.Exists(range => range.Count > 1))
            {
                List<(int First, int Count)> next = [];
                foreach ((int first, int count) in ranges)
                {
                    int half = count / 2;
                    if (half == 0)
                    {
                        next.Add((first, count));
                        continue;
                    }

                    foreach (int root in roots)
                    {
                        int from = grid is null ? first : grid.Moved(root, d, first);
                        int to = grid is null ? first + half : grid.Moved(root, d, first + half);
                        Assert.Contains(from, reached);
                        reached.Add(to);
                        if (grid is null)
                        {
                            Message(from, to, 1);
                        }
                        else
                        {
                            Add(grid.Along(from, d, first + half, 1, 1), 1);
                            stepHops = Math.Max(stepHops, half);
                        }
                    }

                    next.Add((first, half));
                    next.Add((first + half, count - half));
                }

                EndStep();
                ranges = next;
            }
        }

        Assert.Equal(n, reached.Count);
        return Result();
    }

    /// <summary>Each card sends one byte, spread evenly over the cards that inner tiers of some cards do not reach.</summary>
    public SimulatedCost Spread(int inside = 1)
    {
        int n = network.Cards;
        for (int from = 0; from < n; from++)
        {
            for (int to = 0; to < n; to++)
            {
                if (from / inside != to / inside)
                {
                    Message(from, to, 1d / (n - inside));
                }
            }
        }

        EndStep();
        return Result();
    }

    private static int Rounds(GridNetwork grid, int d) => grid.Wraps(d) ? grid.Side(d) / 2 : grid.Side(d) - 1;

    /// <summary>All cards of each line of a dimension gather what the line holds: every step to both neighbours; what meets half way around goes half each way.</summary>
    private void Gather(GridNetwork grid, int d, bool[,] held, double partShare)
    {
        int n = grid.Cards;
        int side = grid.Side(d);
        bool[,] before = (bool[,])held.Clone();
        for (int step = 1; step <= Rounds(grid, d); step++)
        {
            double share = grid.Wraps(d) && 2 * step == side ? 0.5 : 1;
            for (int card = 0; card < n; card++)
            {
                foreach (int way in (int[])[1, -1])
                {
                    int source = grid.Place(card, d) - (way * (step - 1));
                    int target = grid.Place(card, d) + way;
                    if (!grid.Wraps(d) && (source < 0 || source >= side || target < 0 || target >= side))
                    {
                        continue;
                    }

                    int owner = grid.Moved(card, d, (source + side) % side);
                    int to = grid.Moved(card, d, (target + side) % side);
                    int count = 0;
                    for (int block = 0; block < n; block++)
                    {
                        if (before[owner, block])
                        {
                            count++;
                            Assert.True(held[card, block] || share < 1);
                            held[to, block] = true;
                        }
                    }

                    Add(grid.Along(card, d, grid.Place(to, d), way, share), count * partShare / n);
                }
            }
        }
    }

    private bool[,] Own()
    {
        bool[,] held = new bool[network.Cards, network.Cards];
        for (int card = 0; card < network.Cards; card++)
        {
            held[card, card] = true;
        }

        return held;
    }

    private static void AllHeld(bool[,] held)
    {
        foreach (bool isHeld in held)
        {
            Assert.True(isHeld);
        }
    }

    private void Message(int from, int to, double bytes)
    {
        Add(network.Route(from, to), bytes);
        stepHops = Math.Max(stepHops, network.Hops(from, to));
    }

    private void Add(IEnumerable<LinkUse> uses, double bytes)
    {
        foreach ((string link, double share) in uses)
        {
            loads[link] = loads.GetValueOrDefault(link) + (share * bytes / network.Capacity(link));
        }
    }

    private void EndStep()
    {
        steps++;
        hops += stepHops;
        stepHops = 0;
        EndPhase();
    }

    private void EndPhase()
    {
        busiest += loads.Count == 0 ? 0 : loads.Values.Max();
        loads.Clear();
    }

    private SimulatedCost Result() => new(hops, steps, busiest);
}
