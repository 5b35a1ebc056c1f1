using System.Globalization;
using FastSim.Cli.Configuration;
using nietras.SeparatedValues;

namespace FastSim.Cli.Output;

/// <summary>Writes result tables as CSV (RFC 4180), in either form of the seed.</summary>
public static class ResultCsv
{
    private const string ExpertNetworkField = "expert_par_net";

    /// <summary>Writes a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="form">Its form.</param>
    /// <param name="writer">Where it goes.</param>
    public static void Write(ResultTable table, OutputForm form, TextWriter writer)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(writer);
        Write(table.Rows, table.Columns, form, writer);
    }

    /// <summary>Writes the rows of a table.</summary>
    internal static void Write(IEnumerable<ResultRow> rows, int columns, OutputForm form, TextWriter writer)
    {
        string[] runs = Enumerable.Range(0, columns)
            .Select(index => string.Create(CultureInfo.InvariantCulture, $"run_{index}"))
            .ToArray();
        using SepWriter csv = Open(writer);
        foreach (ResultRow row in rows)
        {
            using SepWriter.Row line = csv.NewRow();
            if (form == OutputForm.Categorised)
            {
                line["category"].Set(row.Category);
            }

            line["field_name"].Set(Cell.Text(row.Field));
            for (int run = 0; run < runs.Length; run++)
            {
                string value = row.Values[run];

                // The seed's writer does so in place of quoting; its readers rely on it.
                line[runs[run]].Set(Cell.Text(row.Field == ExpertNetworkField ? value.Replace(',', ' ') : value));
            }
        }
    }

    /// <summary>A CSV writer that quotes what needs quoting and prints invariantly.</summary>
    internal static SepWriter Open(TextWriter writer) =>
        Sep.New(',').Writer(options => options with { Escape = true, CultureInfo = CultureInfo.InvariantCulture }).To(writer);
}
