using System.Text;
using System.Text.Json;

namespace FastSim.Cli.Configuration;

/// <summary>
/// Reads the JSON that users of the seed's tool have: with <c>//</c>, <c>/* */</c> and <c>#</c> comments, trailing commas, and the
/// <c>NaN</c> and <c>Infinity</c> that Python writes, which become marked text so that the complaint can name their path.
/// </summary>
internal static class JsonText
{
    private static readonly string[] PythonNumbers = ["NaN", "-NaN", "-Infinity", "Infinity"];

    /// <summary>What is left of our own writing once comments are gone.</summary>
    public static readonly JsonDocumentOptions Options = new() { AllowTrailingCommas = true };

    /// <summary>Parses a file.</summary>
    /// <param name="file">Path as messages name it.</param>
    public static JsonElement Load(string file) => CommandFiles.Current.Given(file) ?? Parse(file, InputFile.Text(file, InputForm.Json));

    /// <summary>Parses text; <paramref name="file"/> names it in messages.</summary>
    public static JsonElement Parse(string file, string text)
    {
        try
        {
            using JsonDocument document = Strict(text) ?? JsonDocument.Parse(Plain(text), Options);
            if (text.Contains("\\u", StringComparison.Ordinal))
            {
                RequireWholeCharacters(file, document.RootElement, "");
            }

            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            // The reason quotes the text, line ends and all.
            string quoted = exception.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
            string reason = string.Join(' ', quoted.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));
            throw new ConfigurationException(
                $"{file}: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: found text that is not JSON; {reason}",
                exception);
        }
    }

    /// <summary>Text that is JSON as it stands; null where it is not, or not yet.</summary>
    private static JsonDocument? Strict(string text)
    {
        try
        {
            return JsonDocument.Parse(text, Options);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Takes comments out and quotes Python's non-numbers; strings stay as they are, and so do line numbers.</summary>
    private static string Plain(string text)
    {
        StringBuilder plain = new(text.Length);
        int position = 0;
        while (position < text.Length)
        {
            int end = position;
            if (text[position] == '"')
            {
                end = EndOfString(text, position);
                plain.Append(text, position, end - position);
            }
            else if (text[position] == '#' || Follows(text, position, "//"))
            {
                end = EndOfLine(text, position);
            }
            else if (Follows(text, position, "/*"))
            {
                end = EndOfBlock(text, position);
                plain.Append(' ').Append('\n', text.AsSpan(position, end - position).Count('\n'));
            }
            else if (Array.Find(PythonNumbers, word => IsWord(text, position, word)) is { } word)
            {
                end = position + word.Length;
                plain.Append('"').Append(JsonValue.WordMark).Append(word).Append('"');
            }
            else
            {
                end++;
                plain.Append(text[position]);
            }

            position = end;
        }

        return plain.ToString();
    }

    /// <summary>A JSON escape may spell half a character; nothing can be done with such text.</summary>
    private static void RequireWholeCharacters(string file, JsonElement element, string path)
    {
        try
        {
            switch (element.ValueKind)
            {
                case JsonValueKind.String:
                    element.GetString();
                    break;
                case JsonValueKind.Array:
                    int index = 0;
                    foreach (JsonElement item in element.EnumerateArray())
                    {
                        RequireWholeCharacters(file, item, $"{path}[{index}]");
                        index++;
                    }

                    break;
                case JsonValueKind.Object:
                    foreach (JsonProperty member in element.EnumerateObject())
                    {
                        RequireWholeCharacters(file, member.Value, path.Length == 0 ? member.Name : $"{path}.{member.Name}");
                    }

                    break;
                default:
                    break;
            }
        }
        catch (InvalidOperationException)
        {
            throw ConfigurationException.At(file, path.Length == 0 ? "$" : path, "half a character (a lone surrogate escape)", "text");
        }
    }

    private static bool Follows(string text, int position, string word) =>
        string.CompareOrdinal(text, position, word, 0, word.Length) == 0;

    private static bool IsWord(string text, int position, string word) =>
        Follows(text, position, word)
        && (position + word.Length == text.Length || !char.IsLetterOrDigit(text[position + word.Length]))
        && (position == 0 || !char.IsLetterOrDigit(text[position - 1]));

    private static int EndOfLine(string text, int position)
    {
        int length = text.AsSpan(position).IndexOfAny('\n', '\r');
        return length < 0 ? text.Length : position + length;
    }

    private static long LineOf(string text, int position) => text.AsSpan(0, position).Count('\n');

    private static int EndOfBlock(string text, int position)
    {
        int end = text.IndexOf("*/", position + 2, StringComparison.Ordinal);
        return end < 0 ? throw new JsonException("a comment that is opened with /* is never closed", null, LineOf(text, position), 0) : end + 2;
    }

    private static int EndOfString(string text, int position)
    {
        for (int end = position + 1; end < text.Length; end++)
        {
            if (text[end] == '\\')
            {
                end++;
            }
            else if (text[end] is '"' or '\n')
            {
                return end + 1;
            }
        }

        return text.Length;
    }
}
