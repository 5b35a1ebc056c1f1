namespace FastSim.Kernels.Stages;

/// <summary>What of a product's weights the ranks that share it out have each a slice of; where it is inputs, biases are whole on each.</summary>
internal enum WeightSlices
{
    /// <summary>Not shared out over all of them.</summary>
    None,

    /// <summary>Outputs.</summary>
    Outputs,

    /// <summary>Inputs.</summary>
    Inputs,
}
