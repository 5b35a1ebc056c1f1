using BenchmarkDotNet.Running;
using FastSim.Bench;

return args switch
{
    ["ratios"] => Ratios.Run(),
    ["kernel"] => PerformanceTable.RunKernel(),
    ["performance", .. var options] => PerformanceTable.Run(options),
    ["compare", .. var paths] => Comparison.Run(paths),
    _ => Benchmarks(args),
};

static int Benchmarks(string[] arguments)
{
    BenchmarkSwitcher.FromAssembly(typeof(KernelBenchmarks).Assembly).Run(arguments);
    return 0;
}
