namespace FastSim.Example.Tests.Networks;

/// <summary>
/// Servers of cards under a switch each, and a tree of switches that joins them: executes rings inside and across block by block, all servers and places at once, and adds up for each step the longest
/// hop and the busiest link. A block that a card sends without having it, or lacks in the end, is an error.
/// </summary>
internal sealed class ServersInSteps(int cards, int servers, double oversubscription, double bytes, (double Rate, double Hop) inside, (double Rate, double Hop) across)
{
    private readonly ulong everybody = (1ul << (cards * servers)) - 1;
    private readonly Dictionary<string, double> loads = [];

    /// <summary>Who is in each block that a card holds: by card, part (one a place) and subpart (one a server).</summary>
    private readonly ulong[,,] held = new ulong[cards * servers, cards, servers];
    private readonly List<(int From, int To, int Part, int Sub, ulong Who)> sent = [];
    private double seconds;

    /// <summary>Everybody's whole vector is added up, to everybody.</summary>
    public double AllReduce()
    {
        FillWhole();
        ScatterInside();
        ScatterAcross();
        GatherAcross();
        GatherInside();
        for (int card = 0; card < cards * servers; card++)
        {
            All(card, (_, _) => true);
        }

        return seconds;
    }

    /// <summary>Everybody's whole vector is added up, to each its block.</summary>
    public double ReduceScatter()
    {
        FillWhole();
        ScatterInside();
        ScatterAcross();
        for (int card = 0; card < cards * servers; card++)
        {
            (int server, int place) = (card / cards, card % cards);
            All(card, (part, sub) => part == (place + 1) % cards && sub == (server + 1) % servers);
        }

        return seconds;
    }

    /// <summary>Everybody's block, to everybody.</summary>
    public double AllGather()
    {
        for (int card = 0; card < cards * servers; card++)
        {
            held[card, (card % cards + 1) % cards, (card / cards + 1) % servers] = everybody;
        }

        GatherAcross();
        GatherInside();
        for (int card = 0; card < cards * servers; card++)
        {
            All(card, (_, _) => true);
        }

        return seconds;
    }

    private void FillWhole()
    {
        for (int card = 0; card < cards * servers; card++)
        {
            for (int part = 0; part < cards; part++)
            {
                for (int sub = 0; sub < servers; sub++)
                {
                    held[card, part, sub] = 1ul << card;
                }
            }
        }
    }

    private void ScatterInside() => Rings(cards, (server, place, step) => InServer(server, place, (place - step + cards) % cards));

    private void GatherInside() => Rings(cards, (server, place, step) => InServer(server, place, (place + 1 - step + cards) % cards));

    private void ScatterAcross() => Rings(servers, (server, place, step) => Between(server, place, (server - step + servers) % servers));

    private void GatherAcross() => Rings(servers, (server, place, step) => Between(server, place, (server + 1 - step + servers) % servers));

    private void Rings(int length, Action<int, int, int> send)
    {
        for (int step = 0; step < length - 1; step++)
        {
            for (int server = 0; server < servers; server++)
            {
                for (int place = 0; place < cards; place++)
                {
                    send(server, place, step);
                }
            }

            End(length == cards && sent.TrueForAll(each => each.From / cards == each.To / cards));
        }
    }

    private void InServer(int server, int place, int part)
    {
        for (int sub = 0; sub < servers; sub++)
        {
            Send((server * cards) + place, (server * cards) + ((place + 1) % cards), part, sub);
        }
    }

    private void Between(int server, int place, int sub) => Send((server * cards) + place, ((server + 1) % servers * cards) + place, (place + 1) % cards, sub);

    private void Send(int from, int to, int part, int sub)
    {
        if (held[from, part, sub] == 0)
        {
            Assert.Fail($"card {from} sends block {part}, {sub} without having it");
        }

        sent.Add((from, to, part, sub, held[from, part, sub]));
        double block = bytes / (cards * servers);
        if (from / cards == to / cards)
        {
            Load($"up {from}", block / inside.Rate);
            Load($"down {to}", block / inside.Rate);
            return;
        }

        Load($"out {from}", block / across.Rate);
        Load($"in {to}", block / across.Rate);
        Load($"out of server {from / cards}", block / (cards * across.Rate / oversubscription));
        Load($"into server {to / cards}", block / (cards * across.Rate / oversubscription));
    }

    private void Load(string link, double time) => loads[link] = loads.GetValueOrDefault(link) + time;

    /// <summary>All at once: a hop inside is one switch, across three.</summary>
    private void End(bool staysInside)
    {
        seconds += loads.Values.Max() + (staysInside ? inside.Hop : 3 * across.Hop);
        loads.Clear();
        foreach ((int _, int to, int part, int sub, ulong who) in sent)
        {
            held[to, part, sub] |= who;
        }

        sent.Clear();
    }

    private void All(int card, Func<int, int, bool> isOwn)
    {
        for (int part = 0; part < cards; part++)
        {
            for (int sub = 0; sub < servers; sub++)
            {
                Assert.True(!isOwn(part, sub) || held[card, part, sub] == everybody);
            }
        }
    }
}
