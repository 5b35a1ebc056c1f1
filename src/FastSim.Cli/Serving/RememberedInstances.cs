namespace FastSim.Cli.Serving;

/// <summary>
/// Instances that a thread remembers, by what they follow from: rows of a table that differ in clients alone share one, with what it was priced at.
/// One that is met for the first time is kept for the next few alone: of a table whose rows all differ, instances that nobody asks for again would
/// fill the memory.
/// </summary>
/// <typeparam name="TKey">What an instance follows from.</typeparam>
internal sealed class RememberedInstances<TKey>
    where TKey : notnull
{
    private const int Most = 4096;
    private const int MostNew = 64;
    private const int MostMet = 1 << 16;
    private const int Kept = -1;

    private readonly Dictionary<TKey, (ServingInstance Instance, int Place)> known = [];
    private readonly HashSet<int> met = [];
    private readonly TKey?[] recent = new TKey?[MostNew];
    private readonly bool[] isRecent = new bool[MostNew];
    private int next;

    /// <summary>The instance; null where it is not remembered.</summary>
    public ServingInstance? Find(TKey key)
    {
        if (!known.TryGetValue(key, out (ServingInstance Instance, int Place) found))
        {
            return null;
        }

        if (found.Place != Kept)
        {
            known[key] = (found.Instance, Kept);
            isRecent[found.Place] = false;
        }

        return found.Instance;
    }

    /// <summary>Remembers an instance that was not found.</summary>
    public void Add(TKey key, ServingInstance instance)
    {
        if (known.Count == Most)
        {
            known.Clear();
            isRecent.AsSpan().Clear();
        }

        if (met.Count == MostMet)
        {
            met.Clear();
        }

        if (!met.Add(key.GetHashCode()))
        {
            known.Add(key, (instance, Kept));
            return;
        }

        if (isRecent[next])
        {
            known.Remove(recent[next]!);
        }

        known.Add(key, (instance, next));
        (recent[next], isRecent[next]) = (key, true);
        next = (next + 1) % MostNew;
    }
}
