namespace FastSim.Fuzz.Tests;

/// <summary>Spoils a table cell by cell, column by column, or letter by letter.</summary>
internal static class CsvMutations
{
    private static readonly string[] Scraps = [",", "\n", "\r", "\r\n", "\"", "\"\"", ";", "\0", "\uFEFF", "'", "\t", "\n\n", ",,,,,,"];

    /// <summary>Spoils a table a few times.</summary>
    public static string Apply(Random random, string table)
    {
        List<List<string>> rows = [.. table.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(',').ToList())];
        for (int times = random.Next(1, 5); times > 0; times--)
        {
            List<string> row = rows[random.Next(rows.Count)];
            int cell = row.Count == 0 ? 0 : random.Next(row.Count);
            switch (random.Next(8))
            {
                case 0 or 1 when row.Count > 0:
                    row[cell] = Words.Number(random);
                    break;
                case 2 when row.Count > 0:
                    row[cell] = Words.Text(random);
                    break;
                case 3 when row.Count > 0:
                    row[cell] = $"\"{Words.Text(random)}\"";
                    break;
                case 4:
                    row.Insert(cell, Words.Text(random));
                    break;
                case 5 when row.Count > 0:
                    row.RemoveAt(cell);
                    break;
                case 6 when row.Count > 0:
                    row[cell] = row[random.Next(row.Count)];
                    break;
                default:
                    rows.Add([.. row]);
                    break;
            }
        }

        string spoilt = string.Join(random.Next(5) == 0 ? "\r\n" : "\n", rows.Select(row => string.Join(',', row)));
        for (int times = random.Next(3); times > 0; times--)
        {
            spoilt = spoilt.Insert(random.Next(spoilt.Length + 1), Scraps[random.Next(Scraps.Length)]);
        }

        return random.Next(10) == 0 ? spoilt[..random.Next(spoilt.Length + 1)] : spoilt;
    }
}
