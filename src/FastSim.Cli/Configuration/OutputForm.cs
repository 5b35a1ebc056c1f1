namespace FastSim.Cli.Configuration;

/// <summary>The two forms of the result table (docs/file-formats.md, "Result").</summary>
public enum OutputForm
{
    /// <summary><c>field_name,run_0,…</c>.</summary>
    Wide,

    /// <summary><c>category,field_name,run_0,…</c>.</summary>
    Categorised,
}
