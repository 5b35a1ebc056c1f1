using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace FastSim.Fuzz.Tests;

/// <summary>Spoils JSON by its structure: types swapped, numbers that are huge, negative or none, keys that come twice, deep nesting.</summary>
internal static class JsonMutations
{
    private const string Mark = "@raw";

    private static readonly JsonSerializerOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly string[] Raw =
    [
        "NaN", "-Infinity", "Infinity", "null", "true", "false", "[]", "{}", "[[]]", "{\"\": 1}", "1e999", "-", "\"\\ud800\"", "\"\\u0000\"", "/*", "//", "#",
        "{\"a\": 1, \"a\": 2}", "[1, 2, 3]", "[[1, 1, 1]]", "[[null, null]]", ",", "}", "]",
    ];

    /// <summary>Spoils a document a few times; now and then its bytes, too.</summary>
    public static byte[] Apply(Random random, string text)
    {
        JsonNode root = JsonNode.Parse(text)!;
        List<string> raw = [];
        for (int times = random.Next(3) == 0 ? random.Next(2, 4) : 1; times > 0; times--)
        {
            List<(JsonNode Parent, string? Key, int Index)> places = [];
            Collect(root, places);
            if (places.Count > 0)
            {
                One(random, places[random.Next(places.Count)], places, raw);
            }
        }

        string spoilt = root.ToJsonString(Options);
        for (int index = 0; index < raw.Count; index++)
        {
            spoilt = spoilt.Replace($"\"{Mark}{index}\"", raw[index], StringComparison.Ordinal);
        }

        byte[] bytes = Encoding.UTF8.GetBytes(spoilt);
        return random.Next(6) == 0 ? ByteMutations.Apply(random, bytes) : bytes;
    }

    private static void Collect(JsonNode? node, List<(JsonNode Parent, string? Key, int Index)> places)
    {
        if (node is JsonObject members)
        {
            foreach ((string key, JsonNode? value) in members)
            {
                places.Add((members, key, 0));
                Collect(value, places);
            }
        }
        else if (node is JsonArray items)
        {
            for (int index = 0; index < items.Count; index++)
            {
                places.Add((items, null, index));
                Collect(items[index], places);
            }
        }
    }

    private static void One(
        Random random, (JsonNode Parent, string? Key, int Index) place, List<(JsonNode Parent, string? Key, int Index)> places, List<string> raw)
    {
        JsonNode AsRaw(string text)
        {
            raw.Add(text);
            return JsonValue.Create($"{Mark}{raw.Count - 1}");
        }

        JsonNode? old = Get(place);
        switch (random.Next(11))
        {
            case 0 or 1:
                Set(place, AsRaw(Words.Number(random)));
                break;
            case 2:
                Set(place, JsonValue.Create(Words.Text(random)));
                break;
            case 3:
                Set(place, AsRaw(Raw[random.Next(Raw.Length)]));
                break;
            case 4:
                int depth = random.Next(4) == 0 ? random.Next(60, 3000) : random.Next(1, 40);
                Set(place, AsRaw(random.Next(2) == 0
                    ? new string('[', depth) + new string(']', depth)
                    : string.Concat(Enumerable.Repeat("{\"a\":", depth)) + "1" + new string('}', depth)));
                break;
            case 5:
                Set(place, Get(places[random.Next(places.Count)])?.DeepClone());
                break;
            case 6 when place.Parent is JsonObject members:
                members.Remove(place.Key!);
                break;
            case 6 when place.Parent is JsonArray items:
                items.RemoveAt(place.Index);
                break;
            case 7 when place.Parent is JsonObject members && old is not null:
                string key = random.Next(3) == 0 ? Words.Text(random) : place.Key! + (char)random.Next('a', 'z');
                members[key] = old.DeepClone();
                break;
            case 8 when old is JsonArray list && list.Count > 0:
                for (int copies = random.Next(1, random.Next(10) == 0 ? 400 : 20); copies > 0; copies--)
                {
                    list.Add(list[0]?.DeepClone());
                }

                break;
            case 9 when old is JsonValue value && value.GetValueKind() == JsonValueKind.Number:
                double number = value.GetValue<double>() * Math.Pow(10, random.Next(-40, 40)) * (random.Next(4) == 0 ? -1 : 1);
                Set(place, JsonValue.Create(double.IsFinite(number) ? number : 1e300));
                break;
            default:
                // The key twice: once under a name that becomes it when the text is written.
                Set(place, AsRaw(place.Key is null ? "0, 0" : $"{old?.ToJsonString(Options) ?? "null"}, {JsonSerializer.Serialize(place.Key)}: 1"));
                break;
        }
    }

    private static JsonNode? Get((JsonNode Parent, string? Key, int Index) place) => place.Parent switch
    {
        JsonObject members when place.Key is not null && members.TryGetPropertyValue(place.Key, out JsonNode? member) => member,
        JsonArray items when place.Index < items.Count => items[place.Index],
        _ => null,
    };

    private static void Set((JsonNode Parent, string? Key, int Index) place, JsonNode? value)
    {
        if (place.Parent is JsonObject members)
        {
            members[place.Key!] = value;
        }
        else if (place.Parent is JsonArray items && place.Index < items.Count)
        {
            items[place.Index] = value;
        }
    }
}
