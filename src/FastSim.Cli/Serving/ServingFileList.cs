using FastSim.Cli.Configuration;
using nietras.SeparatedValues;

namespace FastSim.Cli.Serving;

/// <summary>Files that a table of deployments may mean, from what the command line lists: folders, files, and tables of name and file.</summary>
internal sealed class ServingFileList
{
    private const string NameColumn = "name";
    private const string FileColumn = "file";

    private readonly List<string> files = [];
    private readonly Dictionary<string, string> named = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Lists files.</summary>
    /// <param name="places">Folders of JSON files, JSON files, and CSV tables of name and file.</param>
    /// <param name="option">The option that lists them.</param>
    /// <param name="what">A folder of them, in words.</param>
    /// <exception cref="ConfigurationException">A place cannot be read.</exception>
    public ServingFileList(IEnumerable<string> places, string option, string what)
    {
        foreach (string place in places)
        {
            if (Directory.Exists(place))
            {
                files.AddRange(Directory.EnumerateFiles(place, "*.json").Order(StringComparer.Ordinal));
            }
            else if (!File.Exists(place))
            {
                string several = place.Contains(',', StringComparison.Ordinal) ? "; several have blanks between them, not commas" : "";
                throw new ConfigurationException($"{place}: found no such folder or file; expected {what} ({option}){several}");
            }
            else if (place.EndsWith(".csv", StringComparison.OrdinalIgnoreCase))
            {
                AddNames(place);
            }
            else
            {
                files.Add(place);
            }
        }
    }

    /// <summary>The files, in the order of the places.</summary>
    public IReadOnlyList<string> Files => files;

    /// <summary>Names that tables give to files.</summary>
    public IEnumerable<string> Names => named.Keys;

    /// <summary>The file that a table gives to a name; null where none does.</summary>
    public string? Named(string name) => named.GetValueOrDefault(name);

    private void AddNames(string table)
    {
        string text = InputFile.Text(table, InputForm.Csv);
        ForeignParser.Run(table, $"a table of {NameColumn},{FileColumn}", () =>
        {
            AddNames(table, text);
            return true;
        });
    }

    private void AddNames(string table, string text)
    {
        using SepReader csv = CsvText.Open(table, text, options => options with { Unescape = true, Trim = SepTrim.Outer });
        if (!csv.Header.TryIndexOf(NameColumn, out int name) || !csv.Header.TryIndexOf(FileColumn, out int file))
        {
            CsvText.RefuseOtherSeparators(table, csv.Header.ColNames);
            throw new ConfigurationException($"{table}: header: found {string.Join(", ", csv.Header.ColNames)}; expected {NameColumn},{FileColumn}");
        }

        foreach (SepReader.Row row in csv)
        {
            string given = row[name].ToString();
            string path = row[file].ToString();
            string beside = Path.Combine(Path.GetDirectoryName(table) ?? "", path);
            string? found = File.Exists(path) ? path : File.Exists(beside) ? beside : null;
            string line = string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{table}: line {row.LineNumberFrom}");
            if (given.Length == 0 || found is null)
            {
                throw new ConfigurationException(
                    $"{line}: found {(given.Length == 0 ? "no name" : $"no file {path}")}; expected a name and its file, from the working directory or the table's folder");
            }

            if (!named.TryAdd(given, found))
            {
                throw new ConfigurationException($"{line}: found {given} twice; expected each name once");
            }
        }
    }
}
