using System.Collections.Concurrent;

namespace FastSim.Cli.Sweeps;

/// <summary>What is asked of a sweep's rows when it ends: columns of numbers, and of few different words, in whose order rows are kept.</summary>
internal sealed class TableColumns
{
    private readonly ConcurrentBag<TableBlock> free = [];

    /// <summary>Those of a sweep.</summary>
    public TableColumns(SweepPlan plan)
    {
        string[] score = plan.File.Score is null ? [] : ["score"];
        string[] cost = plan.File.Cost is null ? [] : ["cost"];
        string[] suite = plan.File.Mix is null ? [] : [SuiteScore.Column];
        Numbers =
        [
            .. new[] { SweepColumns.PerCard, "tokens_per_second", "ttft_ms", "tpot_ms" }
                .Concat(GuessedRows.ColumnsOf(plan)).Concat(score).Concat(cost).Concat(suite).Concat(plan.File.Pareto.Select(objective => objective.Field)).Distinct(),
        ];
        Words = ["bound", "batch_bound"];
    }

    /// <summary>Columns of numbers.</summary>
    public string[] Numbers { get; }

    /// <summary>Columns of words.</summary>
    public string[] Words { get; }

    /// <summary>Room for a block's rows, empty. Any thread may ask.</summary>
    /// <param name="capacity">Rows at most, of every block as many.</param>
    public TableBlock Block(int capacity) => free.TryTake(out TableBlock? block) ? block : new TableBlock(this, capacity);

    /// <summary>Takes back the room of a block whose rows are kept.</summary>
    public void Return(TableBlock block)
    {
        block.Count = 0;
        free.Add(block);
    }
}

/// <summary>The same of a block's rows, as they are written. Serves one thread at a time.</summary>
/// <param name="columns">The columns.</param>
/// <param name="capacity">Rows at most.</param>
internal sealed class TableBlock(TableColumns columns, int capacity)
{
    /// <summary>Rows.</summary>
    public int Count { get; set; }

    /// <summary>Variant of each.</summary>
    public long[] Variants { get; } = new long[capacity];

    /// <summary>Job of each.</summary>
    public int[] Jobs { get; } = new int[capacity];

    /// <summary>Numbers, column by column; NaN where a cell is empty.</summary>
    public double[][] Numbers { get; } = [.. columns.Numbers.Select(_ => new double[capacity])];

    /// <summary>Words, column by column.</summary>
    public string[][] Words { get; } = [.. columns.Words.Select(_ => new string[capacity])];
}
