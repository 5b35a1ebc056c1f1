using System.Text.Json;
using FastSim.Cli.Commands;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;

namespace FastSim.Cli.Library;

/// <summary>
/// Questions of a program in its own process (docs/library.md): the command line's words and documents in place of files go in, the
/// command's JSON comes out. What was read of models and systems is kept for the next question. Serves any number of threads.
/// </summary>
public sealed class Session
{
    private const string Name = "request";
    private readonly ParsedInputs parsed = new();
    private readonly PreparedCommands commands = new();

    /// <summary>Answers a question.</summary>
    /// <param name="request">JSON: <c>arguments</c>, the words after <c>fastsim</c>, and <c>documents</c>, objects by the names that the words call them.</param>
    /// <returns>What the command says, or what is wrong; never throws for a request.</returns>
    public SessionAnswer Solve(string request)
    {
        ArgumentNullException.ThrowIfNull(request);
        try
        {
            (string[] arguments, Dictionary<string, JsonElement> documents) = Read(request);
            PreparedCommand command = commands.Take(arguments);
            (int exitCode, string output, string error) = command.Run(new GivenInputs(documents, parsed));
            if (exitCode is not (ExitCodes.Success or ExitCodes.NoPlan or ExitCodes.Differs))
            {
                return new SessionAnswer(exitCode, Complaint(error));
            }

            if (command.MayWait)
            {
                commands.Keep(arguments, command);
            }

            return new SessionAnswer(exitCode, output);
        }
        catch (ConfigurationException exception)
        {
            return Refusal(exception.Message);
        }
        catch (Exception exception)
        {
            // What commands throw is told by them: this is text that is no text, or an answer that memory does not hold.
            return Fault(exception);
        }
    }

    /// <summary>The answer to what is no request.</summary>
    internal static SessionAnswer Refusal(string message) => new(ExitCodes.BadInput, Error(message));

    /// <summary>The answer where FastSim itself is at fault.</summary>
    internal static SessionAnswer Fault(Exception exception) =>
        new(ExitCodes.Fault, Error($"a fault of FastSim's own: {exception.GetType().Name}: {exception.Message}"));

    /// <summary>An error as an object, <c>error</c> its message.</summary>
    internal static string Error(string message) => IndentedJson.Object(json => json.WriteString("error", message));

    private static (string[] Arguments, Dictionary<string, JsonElement> Documents) Read(string request)
    {
        JsonObject json = JsonObject.Of(new JsonValue(Name, "", JsonText.Parse(Name, request)), "a question: an object with arguments and documents")
            .Know(new Findings(allowUnknownKeys: false), "arguments", "documents");
        string[] arguments = Array.ConvertAll(
            json["arguments"].Items("the words of a command: a list of texts"),
            word => word.Element.ValueKind == JsonValueKind.String ? word.Element.GetString()! : throw word.Complaint("a word of a command: a text"));
        Dictionary<string, JsonElement> documents = new(StringComparer.Ordinal);
        if (json.Has("documents"))
        {
            JsonValue given = json["documents"];
            JsonObject.Of(given, "documents by name: an object");
            foreach (JsonProperty document in given.Element.EnumerateObject())
            {
                documents[document.Name] = document.Value;
            }
        }

        return (arguments, documents);
    }

    /// <summary>The error among what a command said: its last line, without its mark.</summary>
    private static string Complaint(string said)
    {
        const string Mark = "error: ";
        string last = said.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault() ?? "";
        return Error(last.StartsWith(Mark, StringComparison.Ordinal) ? last[Mark.Length..] : last);
    }
}

/// <summary>An answer.</summary>
/// <param name="ExitCode">One of <see cref="ExitCodes"/>.</param>
/// <param name="Text">What the command printed; of another exit code than 0, 1 and 3 an object with <c>error</c>.</param>
public sealed record SessionAnswer(int ExitCode, string Text);
