namespace FastSim.Kernels.Chips;

/// <summary>A learned efficiency: answers for many operators at once. Serves any number of threads.</summary>
public interface IEfficiencyModel
{
    /// <summary>Its name in messages.</summary>
    string Name { get; }

    /// <summary>Version of the contract that it keeps: what its features are and what its answers mean (docs/surrogate.md, "The contract").</summary>
    int Version { get; }

    /// <summary>Parameters of the timing forms among its features, by family and slot; none by version 1, or where those hold that fits start from.</summary>
    IReadOnlyDictionary<(OperatorFamily Family, int Slot), double[]> Forms { get; }

    /// <summary>Whether those forms meet a chip at the rates that it holds (docs/surrogate.md, "Held rates").</summary>
    bool HasFormsAtHeldRates { get; }

    /// <summary>
    /// Parameters of the timing forms of launches that are of none of its families (exchanges, quantising passes, encoders' attention, blocks with a state and others), by the
    /// form's family and kind; for chips without forms of their own. None by version 1.
    /// </summary>
    IReadOnlyDictionary<(string Family, string Kind), double[]> Timings { get; }

    /// <summary>What answers for a family lie between; null where the model does not know the family.</summary>
    AnswerRange? RangeOf(OperatorFamily family);

    /// <summary>Whether the model was trained among operators like this one.</summary>
    /// <param name="family">The family.</param>
    /// <param name="features">Its features.</param>
    bool Covers(OperatorFamily family, ReadOnlySpan<float> features);

    /// <summary>Asks. An operator's answer depends on its features alone, not on its neighbours.</summary>
    /// <param name="family">The family.</param>
    /// <param name="features">Features, as many an operator as docs/surrogate.md lists.</param>
    /// <param name="answers">
    /// Receives two answers of each operator, in turn: by version 1 efficiency and floor in microseconds, by version 2 the natural logarithm of microseconds and the
    /// half width of its interval, by which the logarithm is off in one case of five.
    /// </param>
    void Evaluate(OperatorFamily family, ReadOnlySpan<float> features, Span<float> answers);
}
