using System.Text;
using System.Text.Json;

namespace FastSim.Cli.Configuration;

/// <summary>
/// Reads the JSON that users of the seed's tool have: with <c>//</c>, <c>/* */</c> and <c>#</c> comments, trailing commas, and the
/// <c>NaN</c> and <c>Infinity</c> that Python writes, which become text so that the complaint can name their path.
/// </summary>
internal static class JsonText
{
    private static readonly string[] PythonNumbers = ["NaN", "-Infinity", "Infinity"];

    private static readonly JsonDocumentOptions Options = new()
    {
        CommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>Parses a file.</summary>
    /// <param name="file">Path as messages name it.</param>
    public static JsonElement Load(string file)
    {
        string text;
        try
        {
            text = File.ReadAllText(file, new UTF8Encoding(false, throwOnInvalidBytes: true));
        }
        catch (DecoderFallbackException)
        {
            throw new ConfigurationException($"{file}: found bytes that are not UTF-8; expected JSON text");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"{file}: cannot be read: {exception.Message}", exception);
        }

        return Parse(file, text);
    }

    /// <summary>Parses text; <paramref name="file"/> names it in messages.</summary>
    public static JsonElement Parse(string file, string text)
    {
        try
        {
            using JsonDocument document = JsonDocument.Parse(Plain(text), Options);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            string reason = exception.Message.Split(" LineNumber:")[0].Split(" Path:")[0];
            throw new ConfigurationException(
                $"{file}: line {exception.LineNumber + 1}, byte {exception.BytePositionInLine + 1}: found text that is not JSON; {reason}",
                exception);
        }
    }

    /// <summary>Blanks <c>#</c> comments and quotes Python's non-numbers; strings and other comments stay as they are.</summary>
    private static string Plain(string text)
    {
        StringBuilder plain = new(text.Length);
        int position = 0;
        while (position < text.Length)
        {
            int next = text[position] switch
            {
                '"' => EndOfString(text, position),
                '/' when Follows(text, position, "//") => EndOfLine(text, position),
                '/' when Follows(text, position, "/*") => EndOfBlock(text, position),
                _ => position,
            };
            if (next > position)
            {
                plain.Append(text, position, next - position);
                position = next;
            }
            else if (text[position] == '#')
            {
                position = EndOfLine(text, position);
            }
            else if (Array.Find(PythonNumbers, word => IsWord(text, position, word)) is { } word)
            {
                plain.Append('"').Append(word).Append('"');
                position += word.Length;
            }
            else
            {
                plain.Append(text[position]);
                position++;
            }
        }

        return plain.ToString();
    }

    private static bool Follows(string text, int position, string word) =>
        string.CompareOrdinal(text, position, word, 0, word.Length) == 0;

    private static bool IsWord(string text, int position, string word) =>
        Follows(text, position, word)
        && (position + word.Length == text.Length || !char.IsLetterOrDigit(text[position + word.Length]))
        && (position == 0 || !char.IsLetterOrDigit(text[position - 1]));

    private static int EndOfLine(string text, int position)
    {
        int end = text.IndexOf('\n', position);
        return end < 0 ? text.Length : end;
    }

    private static int EndOfBlock(string text, int position)
    {
        int end = text.IndexOf("*/", position + 2, StringComparison.Ordinal);
        return end < 0 ? text.Length : end + 2;
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
