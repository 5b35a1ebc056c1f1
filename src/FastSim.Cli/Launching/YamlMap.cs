using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace FastSim.Cli.Launching;

/// <summary>
/// A YAML mapping in the order that it is filled: of numbers, truth values, texts, lists and mappings. Texts are quoted as in JSON, which YAML reads.
/// </summary>
internal sealed class YamlMap : IEnumerable<KeyValuePair<string, object>>
{
    private readonly List<KeyValuePair<string, object>> entries = [];

    /// <summary>Adds an entry.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">A number, a truth value, a text, a list or a mapping.</param>
    public void Add(string key, object value) => entries.Add(new KeyValuePair<string, object>(key, value));

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, object>> GetEnumerator() => entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Writes the mapping, block style; lists of texts on one line.</summary>
    public void Write(TextWriter writer) => Write(writer, this, "");

    private static void Write(TextWriter writer, YamlMap map, string indent)
    {
        foreach ((string key, object value) in map)
        {
            writer.Write($"{indent}{Key(key)}:");
            Write(writer, value, indent + "  ");
        }
    }

    private static void Write(TextWriter writer, object value, string indent)
    {
        switch (value)
        {
            case YamlMap map:
                writer.WriteLine();
                Write(writer, map, indent);
                break;
            case IEnumerable<YamlMap> items:
                writer.WriteLine();
                foreach (YamlMap item in items)
                {
                    using StringWriter text = new(CultureInfo.InvariantCulture) { NewLine = "\n" };
                    Write(text, item, indent + "  ");
                    writer.Write($"{indent}- {text.ToString().TrimStart(' ')}");
                }

                break;
            case IEnumerable<string> texts:
                writer.WriteLine($" [{string.Join(", ", texts.Select(Scalar))}]");
                break;
            default:
                writer.WriteLine($" {Scalar(value)}");
                break;
        }
    }

    private static string Key(string key) => key.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or '/') ? key : Scalar(key);

    private static string Scalar(object value) => value switch
    {
        string text => $"\"{JsonEncodedText.Encode(text, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"",
        bool flag => flag ? "true" : "false",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => throw new ArgumentException("expected a number, a truth value or a text", nameof(value)),
    };
}
