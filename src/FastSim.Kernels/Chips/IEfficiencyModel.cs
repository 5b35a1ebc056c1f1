namespace FastSim.Kernels.Chips;

/// <summary>A learned efficiency: answers for many operators at once. Serves any number of threads.</summary>
public interface IEfficiencyModel
{
    /// <summary>Its name in messages.</summary>
    string Name { get; }

    /// <summary>What answers for a family lie between; null where the model does not know the family.</summary>
    EfficiencyRange? RangeOf(OperatorFamily family);

    /// <summary>Whether the model was trained among operators like this one.</summary>
    /// <param name="family">The family.</param>
    /// <param name="features">Its features.</param>
    bool Covers(OperatorFamily family, ReadOnlySpan<float> features);

    /// <summary>Asks. An operator's answer depends on its features alone, not on its neighbours.</summary>
    /// <param name="family">The family.</param>
    /// <param name="features">Features, as many an operator as docs/surrogate.md lists.</param>
    /// <param name="answers">Receives efficiency and floor in microseconds of each operator, in turn.</param>
    void Evaluate(OperatorFamily family, ReadOnlySpan<float> features, Span<float> answers);
}
