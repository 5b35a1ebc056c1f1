using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>An expression that gives no number at some variant: the sweep it stands in can never be finished.</summary>
internal sealed class FormulaException(string message) : ConfigurationException(message);
