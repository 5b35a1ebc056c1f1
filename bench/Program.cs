using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(FastSim.Bench.KernelBenchmarks).Assembly).Run(args);
