using System.Reflection;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Shapes are alike that differ in the lengths of requests alone: whatever else a shape says counts.</summary>
public sealed class ShapeAlikeTests
{
    [Fact]
    public void Lengths_alone_may_differ()
    {
        DeploymentShape shape = ServedToy.Instance(ServedToy.Dense, ServingLayout.Of(ServedToy.Dense, 1, 1, 1, 1), 1000, 100).Step.Shape;
        Dictionary<string, DeploymentShape> others = new()
        {
            [nameof(DeploymentShape.Model)] = shape with { Model = shape.Model with { FeedForward = 2 * shape.Model.FeedForward } },
            [nameof(DeploymentShape.Precision)] = shape with { Precision = shape.Precision with { CacheBytes = 1 } },
            [nameof(DeploymentShape.Accounting)] = shape with { Accounting = Accounting.Seed },
            [nameof(DeploymentShape.Prediction)] = shape with { Prediction = new MultiTokenPrediction(1, 0.5) },
            [nameof(DeploymentShape.Phase)] = shape with { Phase = Phase.Prefill },
            [nameof(DeploymentShape.Layout)] = shape with { Layout = shape.Layout with { PipelineParallel = 2 } },
            [nameof(DeploymentShape.MicroBatches)] = shape with { MicroBatches = 2 },
            [nameof(DeploymentShape.Engine)] = shape with { Engine = ServingEngine.All["vllm"] },
            [nameof(DeploymentShape.ContextExchange)] = shape with { ContextExchange = ContextExchange.Ring },
            [nameof(DeploymentShape.KeepsPromptWeights)] = shape with { KeepsPromptWeights = true },
            [nameof(DeploymentShape.Arrivals)] = shape with { Arrivals = new ArrivalPattern(0.2, 0) },
            [nameof(DeploymentShape.Prefix)] = shape with { Prefix = new PrefixStore(PrefixLocation.SecondMemory) },
            [nameof(DeploymentShape.Prefixes)] = shape with { Prefixes = PrefixClasses.Of([new PrefixClass(1, 10)]) },
            [nameof(DeploymentShape.Kinds)] = shape with { Kinds = null },
        };
        IEnumerable<string> stated = typeof(DeploymentShape).GetProperties(BindingFlags.Instance | BindingFlags.Public).Where(property => property.CanWrite).Select(property => property.Name);
        Assert.Equal(stated.Except([nameof(DeploymentShape.Lengths)]).Order(StringComparer.Ordinal), others.Keys.Order(StringComparer.Ordinal));
        Assert.All(others, other => Assert.False(shape.IsAlike(other.Value), other.Key));
        Assert.True(shape.IsAlike(shape with { Lengths = new SequenceLengths(2000, 50) }));

        // Classes that are made anew of the same numbers are the same.
        DeploymentShape classes = others[nameof(DeploymentShape.Prefixes)];
        Assert.True(classes.IsAlike(shape with { Prefixes = PrefixClasses.Of([new PrefixClass(1, 10)]) }));
    }
}
