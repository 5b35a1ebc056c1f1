using System.Globalization;
using System.Text.Json.Nodes;
using NodeObject = System.Text.Json.Nodes.JsonObject;
using NodeValue = System.Text.Json.Nodes.JsonValue;

namespace FastSim.Cli.Configuration;

/// <summary>
/// The place of a number in a run's documents, such as <c>system.networks[0].bandwidth</c>: a root (<c>system</c>, <c>prefill.system</c>,
/// <c>decode.system</c>, <c>runtime</c> or <c>model</c>), then keys and indices.
/// </summary>
internal sealed class SweepPath
{
    private static readonly (string Prefix, InputRole[] Roles)[] Roots =
    [
        ("prefill.system.", [InputRole.PrefillSystem]),
        ("decode.system.", [InputRole.DecodeSystem]),
        ("system.", [InputRole.PrefillSystem, InputRole.DecodeSystem]),
        ("runtime.", [InputRole.Runtime]),
        ("model.", [InputRole.Model]),
    ];

    private readonly InputRole[] roles;
    private readonly object[] steps;

    private SweepPath(string text, InputRole[] roles, object[] steps)
    {
        Text = text;
        this.roles = roles;
        this.steps = steps;
    }

    /// <summary>The path as written.</summary>
    public string Text { get; }

    /// <summary>Keys (text) and indices (integers) below the root.</summary>
    public IReadOnlyList<object> Steps => steps;

    /// <summary>Whether it names a place of a system.</summary>
    public bool IsOfSystem => Concerns(InputRole.PrefillSystem) || Concerns(InputRole.DecodeSystem);

    /// <summary>Whether documents of a role have the place.</summary>
    public bool Concerns(InputRole role) => roles.Contains(role);

    /// <summary>Reads a path.</summary>
    /// <exception cref="ConfigurationException">It is none.</exception>
    public static SweepPath Read(JsonValue value)
    {
        const string Expected = "a path such as system.mem1.GiB, decode.system.networks[0].bandwidth or runtime.num_procs_list[0]";
        string text = value.Text(Expected);
        return Parse(text) ?? throw value.Complaint(Expected);
    }

    /// <summary>Reads a path; null when it is none.</summary>
    public static SweepPath? Parse(string text)
    {
        foreach ((string prefix, InputRole[] roles) in Roots)
        {
            if (text.StartsWith(prefix, StringComparison.Ordinal))
            {
                return StepsOf(text[prefix.Length..]) is { } steps ? new SweepPath(text, roles, steps) : null;
            }
        }

        return null;
    }

    /// <summary>Whether two paths may name one place: the same keys and indices in a document that both concern; a runtime's mode may be named or not.</summary>
    public bool Overlaps(SweepPath other)
    {
        if (!roles.Intersect(other.roles).Any())
        {
            return false;
        }

        object[] shorter = steps.Length <= other.steps.Length ? steps : other.steps;
        object[] longer = steps.Length <= other.steps.Length ? other.steps : steps;
        return shorter.SequenceEqual(longer)
            || (roles.Contains(InputRole.Runtime) && longer.Length == shorter.Length + 1 && shorter.SequenceEqual(longer.Skip(1)));
    }

    /// <summary>A path one index deeper.</summary>
    public SweepPath Item(int index) => new($"{Text}[{index}]", roles, [.. steps, index]);

    /// <summary>Puts a number in the place.</summary>
    /// <param name="root">The document.</param>
    /// <param name="value">The number, or null.</param>
    /// <param name="file">The document's name.</param>
    /// <exception cref="ConfigurationException">The document has no such place, or something other than a number in it.</exception>
    public void Write(JsonNode root, double? value, string file)
    {
        if (!roles.Contains(InputRole.Runtime))
        {
            Write(root, 0, value, file);
            return;
        }

        // The modes of a runtime stand between the root and the key; one that is not named is any that has the place.
        NodeObject modes = root as NodeObject ?? throw Missing(file, "an object of modes");
        if (steps[0] is string first && modes.ContainsKey(first))
        {
            Write(root, 0, value, file);
            return;
        }

        JsonNode[] having = [.. modes.Where(mode => mode.Value is NodeObject keys && keys.ContainsKey((string)steps[0])).Select(mode => mode.Value!)];
        if (having.Length == 0)
        {
            string? nearest = NearestName.Of((string)steps[0], modes.Select(mode => mode.Value).OfType<NodeObject>().SelectMany(mode => mode.Select(key => key.Key)));
            throw Missing(file, $"no key {steps[0]}", nearest);
        }

        foreach (JsonNode mode in having)
        {
            Write(mode, 0, value, file);
        }
    }

    private void Write(JsonNode node, int depth, double? value, string file)
    {
        JsonNode at = node;
        for (int step = depth; step < steps.Length - 1; step++)
        {
            at = Child(at, steps[step], file) ?? throw Missing(file, $"null at {Describe(step)}");
        }

        JsonNode? replacement = value is { } number ? NodeOf(number) : null;
        switch (steps[^1])
        {
            case string key when at is NodeObject members:
                if (members.TryGetPropertyValue(key, out JsonNode? old) && old is not null && !IsNumber(old))
                {
                    throw Missing(file, $"{Kind(old)} at {Describe(steps.Length - 1)}");
                }

                members[key] = replacement;
                break;
            case int index when at is JsonArray items && index < items.Count:
                if (items[index] is { } item && !IsNumber(item))
                {
                    throw Missing(file, $"{Kind(item)} at {Describe(steps.Length - 1)}");
                }

                items[index] = replacement;
                break;
            default:
                Child(at, steps[^1], file);
                break;
        }
    }

    /// <summary>A whole number is written as one, so that readers of integers take it.</summary>
    private static NodeValue NodeOf(double number) => Math.Floor(number) == number && Math.Abs(number) < 1L << 53
        ? NodeValue.Create((long)number)
        : NodeValue.Create(number);

    private JsonNode? Child(JsonNode node, object step, string file)
    {
        switch (step)
        {
            case string key when node is NodeObject members:
                return members.TryGetPropertyValue(key, out JsonNode? member)
                    ? member
                    : throw Missing(
                        file, $"no key {key}", NearestDataType.Several(key, members.Select(pair => pair.Key)).FirstOrDefault() ?? NearestName.Of(key, members.Select(pair => pair.Key)));
            case int index when node is JsonArray items:
                return index < items.Count ? items[index] : throw Missing(file, string.Create(CultureInfo.InvariantCulture, $"only {items.Count} items where it asks for [{index}]"));
            default:
                throw Missing(file, step is string ? $"{Kind(node)} where it asks for a key {step}" : $"{Kind(node)} where it asks for an index");
        }
    }

    private ConfigurationException Missing(string file, string found, string? nearest = null)
    {
        string suggestion = nearest is null ? "" : $"; did you mean \"{nearest}\"?";
        return new ConfigurationException($"{Text} does not name a number of {file}: found {found}{suggestion}");
    }

    private string Describe(int step) => string.Concat(steps.Take(step + 1).Select((part, index) => part is int ? $"[{part}]" : index == 0 ? $"{part}" : $".{part}"));

    private static bool IsNumber(JsonNode node) => node.GetValueKind() == System.Text.Json.JsonValueKind.Number;

    private static string Kind(JsonNode node) => node switch
    {
        NodeObject => "an object",
        JsonArray => "a list",
        _ => node.ToJsonString(),
    };

    private static object[]? StepsOf(string text)
    {
        List<object> steps = [];
        foreach (string part in text.Split('.'))
        {
            string[] pieces = part.Split('[');
            if (pieces[0].Length == 0)
            {
                return null;
            }

            steps.Add(pieces[0]);
            foreach (string piece in pieces.Skip(1))
            {
                if (!piece.EndsWith(']') || !int.TryParse(piece.AsSpan(0, piece.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out int index))
                {
                    return null;
                }

                steps.Add(index);
            }
        }

        return [.. steps];
    }
}
