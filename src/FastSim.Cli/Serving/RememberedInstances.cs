namespace FastSim.Cli.Serving;

/// <summary>
/// Instances that a thread remembers, by what they follow from: rows of a table that differ in clients alone share one, with what it was priced at.
/// One that is met for the first time is kept while the next few are met, one that comes again later for good: of a table whose rows all differ,
/// instances that nobody asks for again would fill the memory.
/// </summary>
/// <typeparam name="TKey">What an instance follows from.</typeparam>
internal sealed class RememberedInstances<TKey>
    where TKey : notnull
{
    private const int Most = 4096;
    private const int MostNew = 16;
    private const int MostMet = 1 << 16;

    private readonly Dictionary<TKey, ServingInstance> known = [];
    private readonly Queue<TKey> recent = new(MostNew);

    /// <summary>Hashes of all that were met: two that share one are kept the sooner, nothing else.</summary>
    private readonly HashSet<int> met = [];

    /// <summary>The instance; null where it is not remembered.</summary>
    public ServingInstance? Find(TKey key) => known.GetValueOrDefault(key);

    /// <summary>Remembers an instance that was not found.</summary>
    /// <param name="key">What it follows from.</param>
    /// <param name="instance">The instance.</param>
    /// <returns>One that made room, which nobody asks for any more; null where none did.</returns>
    public ServingInstance? Add(TKey key, ServingInstance instance)
    {
        ServingInstance? forgotten = null;
        if (known.Count == Most)
        {
            known.Clear();
            recent.Clear();
        }

        if (met.Count == MostMet)
        {
            met.Clear();
        }

        if (met.Add(key.GetHashCode()))
        {
            if (recent.Count == MostNew)
            {
                known.Remove(recent.Dequeue(), out forgotten);
            }

            recent.Enqueue(key);
        }

        known.Add(key, instance);
        return forgotten;
    }
}
