using System.Buffers;
using System.Text;

namespace FastSim.Cli.Output;

/// <summary>
/// A result table that grows by columns, a job each, and is written by rows: cells are kept as UTF-8, and a run of equal ones once, since a
/// job's own results take a hundred times as much.
/// </summary>
internal sealed class GrowingTable
{
    private readonly List<GrowingRow> rows = [];

    /// <summary>Columns.</summary>
    public int Columns { get; private set; }

    /// <summary>The rows, each made as it is asked for.</summary>
    public IEnumerable<ResultRow> Rows => rows.Select(row => row.ToRow(Columns));

    /// <summary>Adds the columns of a table of the same rows.</summary>
    public void Add(ResultTable table)
    {
        for (int row = 0; row < table.Rows.Count; row++)
        {
            if (Columns == 0)
            {
                rows.Add(new GrowingRow(table.Rows[row]));
            }

            rows[row].Add(table.Rows[row]);
        }

        Columns += table.Columns;
    }

    /// <summary>One row: lengths and bytes of its cells one after another, and how often each comes.</summary>
    private sealed class GrowingRow(ResultRow first)
    {
        private readonly ArrayBufferWriter<byte> bytes = new();
        private readonly List<(int Length, int Count)> runs = [];
        private string? last;

        public void Add(ResultRow row)
        {
            if (row.Field != first.Field)
            {
                throw new InvalidOperationException($"{row.Field} where {first.Field} is");
            }

            foreach (string value in row.Values)
            {
                if (value == last)
                {
                    runs[^1] = (runs[^1].Length, runs[^1].Count + 1);
                    continue;
                }

                int length = Encoding.UTF8.GetBytes(value, bytes.GetSpan(Encoding.UTF8.GetMaxByteCount(value.Length)));
                bytes.Advance(length);
                runs.Add((length, 1));
                last = value;
            }
        }

        public ResultRow ToRow(int columns)
        {
            string[] values = new string[columns];
            int column = 0;
            int start = 0;
            foreach ((int length, int count) in runs)
            {
                values.AsSpan(column, count).Fill(Encoding.UTF8.GetString(bytes.WrittenSpan.Slice(start, length)));
                start += length;
                column += count;
            }

            return new ResultRow(first.Category, first.Field, values);
        }
    }
}
