namespace FastSim.Cli.Configuration;

/// <summary>A number that a sweep works out from its axes, and the places that it drives (docs/sweeps.md, "Derived numbers").</summary>
/// <param name="Name">Name in tables and expressions.</param>
/// <param name="Expression">The expression, over the axes and the derived numbers before it.</param>
/// <param name="Key">Where the expression stands in the sweep file, for messages.</param>
/// <param name="Targets">The places; none where only expressions use it.</param>
internal sealed record DerivedNumber(string Name, string Expression, string Key, IReadOnlyList<AxisTarget> Targets)
{
    private const int MostDerived = 64;

    /// <summary>Reads the derived numbers of a sweep; none where it states none.</summary>
    /// <param name="json">The sweep.</param>
    /// <param name="findings">Where to put warnings.</param>
    public static DerivedNumber[] Read(JsonObject json, Findings findings) => json.Has("derive")
        ? Array.ConvertAll(
            json["derive"].Items("derived numbers: a list of {\"name\" or \"path\", \"value\": an expression over the axes}", MostDerived),
            item => Read(item, findings))
        : [];

    private static DerivedNumber Read(JsonValue item, Findings findings)
    {
        JsonObject json = JsonObject.Of(item, "a derived number: an object").Know(findings, "name", "path", "link", "value");
        IReadOnlyList<AxisTarget> targets = [.. AxisReader.Places(json, findings).Select(place => new AxisTarget(place.Path, 0, place.Factor))];
        if (targets.Count == 0 && !json.Has("name"))
        {
            throw item.Complaint("a path that it drives, or a name by which expressions use it");
        }

        return new DerivedNumber(
            json.Has("name") ? json["name"].Text("the number's name") : targets[0].Path.Text,
            json["value"].Text("an expression over the axes, such as 24 * stacks"),
            $"{item.Path}.value",
            targets);
    }
}
