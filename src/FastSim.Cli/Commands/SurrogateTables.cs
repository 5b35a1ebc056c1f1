using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Output;
using FastSim.Cli.Surrogates;
using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Commands;

/// <summary>Errors of learned times as commands print them.</summary>
internal static class SurrogateTables
{
    private const string Shares = "held-out chips: operators within their intervals";

    /// <summary>Prints sections of errors, as tables or as JSON.</summary>
    /// <param name="terminal">Where to.</param>
    /// <param name="isQuiet">Whether tables are left out.</param>
    /// <param name="isJson">Whether as JSON.</param>
    /// <param name="named">What JSON names before the sections.</param>
    /// <param name="sections">The sections.</param>
    /// <param name="warnings">What else there is to say.</param>
    /// <param name="shares">What intervals hold of chips held out; nothing where that is not judged.</param>
    public static void Tell(
        Terminal terminal,
        bool isQuiet,
        bool isJson,
        IReadOnlyList<(string Key, string Value)> named,
        IReadOnlyList<(string Name, SurrogateErrors[] Errors)> sections,
        IReadOnlyList<string> warnings,
        IReadOnlyList<IntervalShares>? shares = null)
    {
        if (isJson)
        {
            terminal.Output.WriteLine(Json(named, sections, warnings, shares));
            return;
        }

        if (isQuiet)
        {
            return;
        }

        terminal.Warn(warnings);
        foreach ((string name, SurrogateErrors[] errors) in sections)
        {
            TextTable table = new(
            [
                new("error, %"), new("rows", true), new("model", true), new("held", true), new("fitted", true), new("carried", true), new("table", true), new("flat", true),
            ]);
            foreach (SurrogateErrors each in errors)
            {
                table.Add(
                    each.Group,
                    each.Model.Count.ToString(CultureInfo.InvariantCulture),
                    ShareText.Tenths(each.Model.Median),
                    ShareText.Tenths(each.Within),
                    ShareText.Tenths(each.Fitted.Median),
                    ShareText.Tenths(each.Carried.Median),
                    ShareText.Tenths(each.Table.Median),
                    ShareText.Tenths(each.Flat.Median));
            }

            terminal.Output.WriteLine(name);
            terminal.Print(table);
        }

        if (shares is { Count: > 0 })
        {
            terminal.Output.WriteLine(Shares);
            terminal.Print(TableOf(shares));
        }
    }

    /// <summary>The same as JSON.</summary>
    public static string Json(
        IReadOnlyList<(string Key, string Value)> named,
        IReadOnlyList<(string Name, SurrogateErrors[] Errors)> sections,
        IReadOnlyList<string> warnings,
        IReadOnlyList<IntervalShares>? shares = null) => IndentedJson.Object(json =>
    {
        foreach ((string key, string value) in named)
        {
            json.WriteString(key, value);
        }

        foreach ((string name, SurrogateErrors[] errors) in sections)
        {
            json.WriteObjects(name, errors, each =>
            {
                json.WriteString("group", each.Group.Trim());
                json.WriteNumber("rows", each.Model.Count);
                json.WriteNumber("medianError", each.Model.Median);
                json.WriteNumber("meanError", each.Model.Mean);
                if (!double.IsNaN(each.Within))
                {
                    json.WriteNumber("withinInterval", each.Within);
                }

                Write(json, "calibratedRows", "calibratedMedianError", each.Fitted);
                Write(json, "carriedRows", "carriedMedianError", each.Carried);
                Write(json, "tableRows", "tableMedianError", each.Table);
                json.WriteNumber("flatMedianError", each.Flat.Median);
            });
        }

        if (shares is { Count: > 0 })
        {
            json.WriteObjects(Shares, shares, each =>
            {
                json.WriteString("chip", each.Chip);
                json.WriteNumber("rows", each.Rows);
                json.WriteNumber("withinInterval", each.OfRows);
                json.WriteNumber("withinIntervalFamiliesAlike", each.OfFamilies);
                json.WriteNumber("families", each.Families);
                json.WriteNumber("familiesNear", each.Near);
                json.WriteNumber("familiesOff", each.Off);
            });
        }

        json.WriteTexts("warnings", warnings);
    });

    private static TextTable TableOf(IReadOnlyList<IntervalShares> shares)
    {
        TextTable table = new(
        [
            new("chip, %"), new("rows", true), new("held", true), new("families alike", true), new("families", true), new("within 5 of 80", true), new("off 80", true),
        ]);
        foreach (IntervalShares each in shares)
        {
            table.Add(
                each.Chip,
                each.Rows.ToString(CultureInfo.InvariantCulture),
                ShareText.Tenths(each.OfRows),
                ShareText.Tenths(each.OfFamilies),
                each.Families.ToString(CultureInfo.InvariantCulture),
                each.Near.ToString(CultureInfo.InvariantCulture),
                ShareText.Tenths(each.Off));
        }

        return table;
    }

    private static void Write(Utf8JsonWriter json, string count, string median, FitErrors errors)
    {
        json.WriteNumber(count, errors.Count);
        if (errors.Count > 0)
        {
            json.WriteNumber(median, errors.Median);
        }
    }
}
