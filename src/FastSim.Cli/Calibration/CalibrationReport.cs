using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Calibration;

/// <summary>What a calibration says: errors by kind and family, before and after.</summary>
internal static class CalibrationReport
{
    /// <summary>What the table's figures are.</summary>
    public const string Title = "median (and mean) error in %, of the flat roofline and of the fit: rows that it saw, rows held out, all rows";

    /// <summary>What the table of modules is.</summary>
    public const string ModuleTitle = "whole blocks put together from these timings: median (and mean) error in %, all rows";

    /// <summary>The table of modules for people.</summary>
    public static TextTable Table(IReadOnlyList<ModuleErrors> modules)
    {
        TextTable table = new([new("block"), new("rows", true), new("all", true)]);
        foreach (ModuleErrors module in modules)
        {
            table.Add(module.Name, Number(module.Errors.Count), Errors(module.Errors));
        }

        return table;
    }

    /// <summary>The table for people.</summary>
    public static TextTable Table(IReadOnlyList<OperatorFit> fits)
    {
        TextTable table = new([new("operators"), new("rows", true), new("flat", true), new("fitted", true), new("held out", true), new("all", true)]);
        foreach (OperatorFit fit in fits)
        {
            table.Add(
                $"{fit.Family} {fit.Kind}", Number(fit.All.Count), Errors(fit.Flat), Errors(fit.Fitted), Errors(fit.HeldOut), Errors(fit.All));
        }

        foreach (FamilyErrors family in FamilyErrors.Of(fits))
        {
            table.Add($"{family.Name} total", Number(family.All.Count), Errors(family.Flat), "", "", Errors(family.All));
        }

        return table;
    }

    /// <summary>The same for programs.</summary>
    public static string Json(
        IReadOnlyList<OperatorFit> fits, IReadOnlyList<ModuleErrors> modules, string output, IReadOnlyList<string> warnings) => IndentedJson.Object(json =>
    {
        json.WriteString("system", output);
        json.WriteObjects("kinds", fits, fit =>
        {
            json.WriteString("family", fit.Family);
            json.WriteString("kind", fit.Kind);
            Write(json, "flat", fit.Flat);
            Write(json, "fitted", fit.Fitted);
            Write(json, "heldOut", fit.HeldOut);
            Write(json, "all", fit.All);
        });
        json.WriteObjects("families", FamilyErrors.Of(fits), family =>
        {
            json.WriteString("family", family.Name);
            Write(json, "flat", family.Flat);
            Write(json, "all", family.All);
        });
        if (modules.Count > 0)
        {
            json.WriteObjects("modules", modules, module =>
            {
                json.WriteString("module", module.Name);
                Write(json, "all", module.Errors);
            });
        }

        json.WriteTexts("warnings", warnings);
    });

    /// <summary>Refuses fits whose errors, or parameters, leave the range of a double: before a system is written with them.</summary>
    /// <param name="fits">The fits.</param>
    /// <exception cref="ConfigurationException">Some do.</exception>
    public static void RequireFinite(IReadOnlyList<OperatorFit> fits)
    {
        foreach (OperatorFit fit in fits)
        {
            bool isFinite = fit.Parameters.All(double.IsFinite)
                && Array.TrueForAll([fit.Flat, fit.Fitted, fit.HeldOut, fit.All], errors => errors.Count == 0 || (double.IsFinite(errors.Median) && double.IsFinite(errors.Mean)));
            if (!isFinite)
            {
                throw new ConfigurationException(
                    $"{fit.Family} {fit.Kind}: the fit leaves the range of a double; expected measured operators whose sizes and times are in proportion");
            }
        }
    }

    private static string Number(int count) => count.ToString("N0", CultureInfo.InvariantCulture);

    private static string Errors(FitErrors errors) => errors.Count == 0
        ? "-"
        : $"{ShareText.Tenths(errors.Median)} ({ShareText.Tenths(errors.Mean)})";

    private static void Write(Utf8JsonWriter json, string name, FitErrors errors)
    {
        json.WriteStartObject(name);
        json.WriteNumber("rows", errors.Count);
        if (errors.Count > 0)
        {
            json.WriteNumber("medianError", errors.Median);
            json.WriteNumber("meanError", errors.Mean);
        }

        json.WriteEndObject();
    }
}
