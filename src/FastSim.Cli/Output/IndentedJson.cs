using System.Text;
using System.Text.Json;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Output;

/// <summary>JSON that is written piece by piece, for programs to read.</summary>
internal static class IndentedJson
{
    private static readonly JsonWriterOptions Options = new() { Indented = true, NewLine = "\n" };

    /// <summary>The text of an object.</summary>
    /// <param name="write">Writes its properties.</param>
    /// <exception cref="ConfigurationException">A number among them is not finite.</exception>
    public static string Object(Action<Utf8JsonWriter> write)
    {
        using MemoryStream stream = new();
        try
        {
            using Utf8JsonWriter json = new(stream, Options);
            json.WriteStartObject();
            write(json);
            json.WriteEndObject();
        }
        catch (ArgumentException exception)
        {
            throw NotFinite(exception);
        }

        return Encoding.UTF8.GetString(stream.ToArray());
    }

    /// <summary>What a writer's refusal of an argument means: JSON has no infinite number, and none that is no number.</summary>
    public static ConfigurationException NotFinite(ArgumentException refusal) =>
        new("a figure of the summary is infinite or no number; expected input whose figures stay in the range of a double", refusal);

    /// <summary>Writes a list of objects.</summary>
    /// <param name="json">Where.</param>
    /// <param name="name">Name of the property.</param>
    /// <param name="items">The items.</param>
    /// <param name="write">Writes the properties of one.</param>
    public static void WriteObjects<T>(this Utf8JsonWriter json, string name, IEnumerable<T> items, Action<T> write)
    {
        json.WriteStartArray(name);
        foreach (T item in items)
        {
            json.WriteStartObject();
            write(item);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Writes a list of texts.</summary>
    public static void WriteTexts(this Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (string text in texts)
        {
            json.WriteStringValue(text);
        }

        json.WriteEndArray();
    }
}
