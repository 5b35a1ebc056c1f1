namespace FastSim.Kernels.Stages;

/// <summary>A shape's fullest stage: found once, since lowering asks for it with every projection.</summary>
/// <param name="Shape">The shape; a changed copy of it has another stage.</param>
/// <param name="FirstBlock">First block of the stage.</param>
internal sealed record StageOfShape(DeploymentShape Shape, int FirstBlock);

/// <summary>What a shape remembers of its stage, which is no part of what it says: all are equal.</summary>
/// <param name="stage">The stage.</param>
internal readonly struct FoundStage(StageOfShape stage) : IEquatable<FoundStage>
{
    /// <summary>The stage; null before it is found.</summary>
    public StageOfShape? Stage { get; } = stage;

    /// <inheritdoc/>
    public bool Equals(FoundStage other) => true;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is FoundStage;

    /// <inheritdoc/>
    public override int GetHashCode() => 0;
}
