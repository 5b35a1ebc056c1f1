using System.Text.Json;

namespace FastSim.Cli.Configuration;

/// <summary>What a program that asks in process gives with its question, in place of files.</summary>
/// <param name="Documents">JSON documents by the names that arguments call them: read where a file of that name would be.</param>
/// <param name="Parsed">Models and systems that earlier questions read.</param>
internal sealed record GivenInputs(IReadOnlyDictionary<string, JsonElement> Documents, ParsedInputs Parsed);
