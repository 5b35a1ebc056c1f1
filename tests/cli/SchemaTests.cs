using System.Text.Json;
using FastSim.Tests;
using Json.Schema;

namespace FastSim.Cli.Tests;

/// <summary>The schemas that editors use: they accept what the loader accepts, and refuse what it refuses where a schema can tell.</summary>
public sealed class SchemaTests
{
    private static readonly JsonDocumentOptions Lenient = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    public static TheoryData<string, string> Shipped { get; } = Files();

    [Theory]
    [MemberData(nameof(Shipped))]
    public void A_shipped_file_fits_its_schema(string schema, string file) =>
        Assert.True(Fits(schema, File.ReadAllText(Repository.PathOf(file))));

    [Fact]
    public void The_sample_and_the_tests_inputs_fit_the_schemas()
    {
        string table = Path.Combine("tests", "golden", "table");
        Assert.True(Fits("runtime", File.ReadAllText(Repository.PathOf(table, "runtime.json"))));
        foreach (string file in Directory.EnumerateFiles(Repository.PathOf("tests", "cli", "inputs")))
        {
            Assert.True(Fits(SchemaOf(Path.GetFileName(file)), File.ReadAllText(file)), file);
        }
    }

    /// <summary>What a schema cannot say: relations between values, and files that are missing.</summary>
    [Fact]
    public void A_malformed_input_is_refused_by_its_schema_unless_it_takes_more_than_one_value_to_tell()
    {
        int refused = 0;
        List<string> accepted = [];
        foreach (MalformedInput input in MalformedInputs.All)
        {
            string text = File.ReadAllText(Repository.PathOf("tests", "cli", "inputs", input.Edited));
            int place = text.IndexOf(input.Text, StringComparison.Ordinal);
            string edited = string.Concat(text.AsSpan(0, place), input.Replacement, text.AsSpan(place + input.Text.Length));
            if (Fits(SchemaOf(input.Edited), edited))
            {
                accepted.Add(input.Message);
            }
            else
            {
                refused++;
            }
        }

        Assert.True(refused >= 60, $"{refused} refused");
        string[] relations =
        [
            "there is no such file", "a matrix type of", "a vector type of", "whose product", "an algorithm of one level", "add up to 1", "num_bs·bs", "fewest first", "the key twice",
            "cards in all", "at least 2 cards", "at least 12 cards", "a layout for", "a divisor of", "for multi-head", "for multi-query",
            "has cached", "a number above idle_watts", "without which power_cap", "knows of one memory", "at most num_experts", "a threshold below", "tier inside it", "each group size once", "found 1e999", "has no shape", "half a character", "a number of a size", "from 0 to 6", "from 1 to 1", "that all run the same phases", "when every split", "that is a folder",
            "it belongs to topology", "it belongs to a tier", "cards of the mesh", "topology 2dfm does not say", "in_network needs switches", "levels of switches below", "rails and servers", "routers a group", "no release: the engine",
        ];
        Assert.All(accepted, message => Assert.Contains(relations, relation => message.Contains(relation, StringComparison.Ordinal)));
    }

    private static TheoryData<string, string> Files()
    {
        TheoryData<string, string> files = [];
        string data = Repository.PathOf("data");
        foreach (string file in Directory.EnumerateFiles(data, "*.json", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
        {
            string name = Path.GetRelativePath(Repository.Root, file);

            // Tables of engines' flags are no input: LaunchTests reads them.
            string? schema = name.Contains("schema", StringComparison.Ordinal) || name.Contains("engines", StringComparison.Ordinal) ? null
                : name.Contains("models", StringComparison.Ordinal) ? "model"
                : name.Contains("systems", StringComparison.Ordinal) ? "system"
                : "runtime";
            if (schema is not null)
            {
                files.Add(schema, name);
            }
        }

        return files;
    }

    private static string SchemaOf(string file) => file switch
    {
        "dense.json" or "experts.json" => "model",
        "chip.json" => "system",
        _ => "runtime",
    };

    /// <summary>Text that is not even JSON fits no schema.</summary>
    private static bool Fits(string schema, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(text, Lenient);
            EvaluationResults results = Schemas[schema].Evaluate(document.RootElement);
            return results.IsValid;
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            return false;
        }
    }

    private static Dictionary<string, JsonSchema> Schemas { get; } = new[] { "model", "system", "runtime" }.ToDictionary(
        name => name,
        name => JsonSchema.FromText(File.ReadAllText(Repository.PathOf("data", "schema", $"{name}.schema.json"))));
}
