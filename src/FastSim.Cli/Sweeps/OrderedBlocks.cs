namespace FastSim.Cli.Sweeps;

/// <summary>Works through numbered blocks on several threads and hands each on in the order of its number.</summary>
internal static class OrderedBlocks
{
    /// <summary>Blocks that may wait for an earlier one, a thread.</summary>
    private const int AheadPerThread = 8;

    /// <summary>Works. Of several blocks that fail the first one's failure is thrown, whichever thread was the sooner: those before it were taken before it, and are finished.</summary>
    /// <param name="first">First block.</param>
    /// <param name="end">One past the last.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="worker">Makes a thread's worker: a block in, its product out.</param>
    /// <param name="commit">Takes the products, one at a time, in order.</param>
    /// <param name="cancellation">Ends the work after the blocks at hand.</param>
    public static void Run<T>(
        long first, long end, int threads, Func<Func<long, T>> worker, Action<long, T> commit, CancellationToken cancellation)
    {
        Queue state = new(first, end);
        Dictionary<long, T> waiting = [];
        Thread[] others = [.. Enumerable.Range(1, (int)Math.Clamp(end - first - 1, 0, threads - 1)).Select(_ => new Thread(Work) { IsBackground = true })];
        foreach (Thread thread in others)
        {
            thread.Start();
        }

        Work();
        foreach (Thread thread in others)
        {
            thread.Join();
        }

        if (state.Failure is { } failure)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
        }

        void Work()
        {
            long at = first;
            try
            {
                Func<long, T>? own = null;
                while (!cancellation.IsCancellationRequested && state.Take(AheadPerThread * threads) is { } block)
                {
                    at = block;
                    own ??= worker();
                    T product = own(block);
                    lock (state)
                    {
                        waiting[block] = product;
                        while (state.Failure is null && waiting.Remove(state.Next, out T? next))
                        {
                            commit(state.Next, next);
                            state.Next++;
                        }

                        Monitor.PulseAll(state);
                    }
                }
            }
            catch (Exception exception)
            {
                state.Fail(at, exception);
            }
        }
    }

    /// <summary>What is to do, and what is handed on.</summary>
    private sealed class Queue(long first, long end)
    {
        private long taken = first;
        private long failed = long.MaxValue;

        public long Next { get; set; } = first;

        public Exception? Failure { get; private set; }

        /// <summary>The next block to work on, when those before it are not too far behind; null when there is none.</summary>
        public long? Take(int ahead)
        {
            lock (this)
            {
                while (Failure is null && taken < end && taken - Next >= ahead)
                {
                    Monitor.Wait(this);
                }

                return Failure is null && taken < end ? taken++ : null;
            }
        }

        public void Fail(long block, Exception exception)
        {
            lock (this)
            {
                if (block < failed)
                {
                    (failed, Failure) = (block, exception);
                }

                Monitor.PulseAll(this);
            }
        }
    }
}
