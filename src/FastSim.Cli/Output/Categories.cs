namespace FastSim.Cli.Output;

/// <summary>Categories of the second form, in the order of the rows.</summary>
internal static class Categories
{
    public const string Model = "model_basic_config";
    public const string Throughput = "performance_throughput";
    public const string System = "system_resource_config";
    public const string Execution = "parallel_strategy_config";
    public const string Statistics = "other_stats_metrics";
}
