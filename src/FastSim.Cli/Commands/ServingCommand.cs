using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Reports;
using FastSim.Cli.Serving;
using FastSim.Kernels.Clocks;

namespace FastSim.Cli.Commands;

/// <summary>What <c>fastsim predict</c> or <c>fastsim validate</c> was asked.</summary>
/// <param name="Table">The table of deployments.</param>
/// <param name="Output">Where predictions go; null for nowhere.</param>
/// <param name="Plot">Where the scatter plot goes; null for nowhere.</param>
/// <param name="ModelFolders">Folders of models.</param>
/// <param name="SystemFolders">Folders of systems.</param>
/// <param name="Worst">Worst rows to print.</param>
/// <param name="Threads">Threads.</param>
/// <param name="Quiet">Whether to print nothing but errors.</param>
/// <param name="Json">Whether to print JSON.</param>
/// <param name="EfficiencyModel">File of a learned efficiency; null leaves the systems'.</param>
/// <param name="Choices">Whether to say how well deployments are chosen between.</param>
public sealed record ServingOptions(
    string Table,
    string? Output,
    string? Plot,
    IReadOnlyList<string> ModelFolders,
    IReadOnlyList<string> SystemFolders,
    int Worst,
    int Threads,
    bool Quiet,
    bool Json,
    string? EfficiencyModel,
    bool Choices)
{
    /// <summary>What prices launches, the first choice first; null takes measured and learned times alone.</summary>
    public IReadOnlyList<ClockKind>? Timing { get; init; }
}


/// <summary><c>fastsim predict</c>: explicit deployments in, what they will achieve out; <c>fastsim validate</c>: the same held against measurements.</summary>
public static class ServingCommand
{
    /// <summary>Predicts.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used.</exception>
    public static int Predict(ServingOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        (ServingTable table, ServingPredictions predictions, IReadOnlyList<string> warnings) = Predictions(options, isValidation: false, terminal);
        Write(options, table, predictions);
        int covered = predictions.Count(prediction => prediction.Uncovered is null);
        int beyondTraining = predictions.Count(prediction => prediction.IsBeyondTraining);
        (string Reason, int Rows)[] uncovered =
        [
            .. predictions.Where(prediction => prediction.Uncovered is not null).GroupBy(prediction => prediction.Uncovered!)
                .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => (group.Key, group.Count())),
        ];
        if (options.Json)
        {
            terminal.Output.WriteLine(IndentedJson.Object(json =>
            {
                json.WriteString("predictions", options.Output);
                json.WriteNumber("rows", predictions.Count);
                json.WriteNumber("predicted", covered);
                WriteReasons(json, uncovered);
                json.WriteNumber("beyondTraining", beyondTraining);
                json.WriteTexts("warnings", warnings);
            }));
        }
        else if (!options.Quiet)
        {
            terminal.Output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{covered:N0} of {predictions.Count:N0} rows predicted"));
            WriteReasons(uncovered, terminal);
            WriteBeyondTraining(beyondTraining, terminal);
            terminal.Print([$"predictions: {options.Output}"]);
        }

        return covered > 0 ? ExitCodes.Success : ExitCodes.NoPlan;
    }

    /// <summary>Predicts and compares with measurements.</summary>
    /// <param name="options">What was asked.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">The input cannot be used.</exception>
    public static int Validate(ServingOptions options, Terminal terminal)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(terminal);
        (ServingTable table, ServingPredictions predictions, IReadOnlyList<string> warnings) = Predictions(options, isValidation: true, terminal);
        if (!table.Has("silicon_tpot_ms") && !table.Has("silicon_ttft_ms"))
        {
            throw new ConfigurationException($"{options.Table}: header: found no measured column; expected silicon_tpot_ms or silicon_ttft_ms");
        }

        Validation validation = new(table, predictions);
        Write(options, table, predictions);
        if (options.Plot is { } plot)
        {
            OutputFile.Write(plot, writer => writer.Write(ScatterPlot.Draw(validation)));
        }

        if (options.Json)
        {
            terminal.Output.WriteLine(Json(validation, options, predictions.Count, warnings));
        }
        else if (!options.Quiet)
        {
            WriteTable(validation, options.Worst, terminal);
            if (options.Choices)
            {
                WriteChoices(validation.Choices, terminal);
            }
        }

        return validation.Covered.Count > 0 ? ExitCodes.Success : ExitCodes.NoPlan;
    }

    private static (ServingTable Table, ServingPredictions Predictions, IReadOnlyList<string> Warnings) Predictions(
        ServingOptions options, bool isValidation, Terminal terminal)
    {
        ServingTable table = ServingTable.Load(options.Table);
        if (options.Output is { } output)
        {
            OutputFile.CheckOption("--output", output);
        }

        if (options.Plot is { } plot)
        {
            OutputFile.CheckOption("--plot", plot);
        }

        List<string> warnings = [.. table.Warnings(options.Table, isValidation)];
        ServingCatalog catalog = new(options.ModelFolders, options.SystemFolders, options.EfficiencyModel);
        using ServingPredictor predictor = new(catalog, options.Timing);
        ServingPredictions predictions = new(table.Rows.Count);
        int[] order = RowOrder.Of(table);
        Parallel.For(
            0,
            predictions.Count,
            new ParallelOptions { MaxDegreeOfParallelism = options.Threads },
            place => predictions[order[place]] = predictor.Predict(table.Rows[order[place]]));
        warnings.AddRange(catalog.Warnings);
        if (!options.Quiet)
        {
            terminal.Warn(warnings);
        }

        return (table, predictions, warnings);
    }

    private static void Write(ServingOptions options, ServingTable table, ServingPredictions predictions)
    {
        if (options.Output is { } output)
        {
            OutputFile.WriteEncoded(output, stream => PredictionCsv.Write(table, predictions, stream));
        }
    }

    private static void WriteTable(Validation validation, int worst, Terminal terminal)
    {
        TextTable table = new(
        [
            new("error, %"), new("rows", true), new("TPOT", true), new("mean", true), new("bias", true), new("±10", true), new("±20", true),
            new("TTFT", true), new("mean", true), new("bias", true),
        ]);
        foreach (GroupErrors group in validation.Groups)
        {
            string name = OneLine.Of(group.Group == "all" ? group.By : $"  {group.By.Split(": ")[^1]} {group.Group}");
            ErrorStatistics token = group.PerToken;
            ErrorStatistics first = group.FirstToken;
            table.Add(
                name,
                Math.Max(token.Count, first.Count).ToString(CultureInfo.InvariantCulture),
                ShareText.Tenths(token.Errors.Median),
                ShareText.Tenths(token.Errors.Mean),
                ShareText.Signed(token.Bias),
                ShareText.Tenths(token.WithinTenth),
                ShareText.Tenths(token.WithinFifth),
                ShareText.Tenths(first.Errors.Median),
                ShareText.Tenths(first.Errors.Mean),
                ShareText.Signed(first.Bias));
        }

        terminal.Output.WriteLine("TPOT, TTFT: median error; ±10, ±20: rows whose TPOT is within as many percent");
        terminal.Print(table);
        WriteReasons(validation.Uncovered.Select(pair => (pair.Key, pair.Value)), terminal);
        WriteBeyondTraining(validation.BeyondTraining, terminal);
        if (validation.Intervals.Count > 0)
        {
            terminal.Print([ChoiceReport.Line(validation.Intervals)]);
        }

        foreach (ValidatedRow row in validation.Worst(worst))
        {
            terminal.Print([string.Create(
                CultureInfo.InvariantCulture,
                $"worst: {row.Words}: TPOT {row.Prediction.Figures.PerTokenMilliseconds:0.0} ms, measured {row.MeasuredPerToken:0.0}; decode step: {Validation.Breakdown(row.Prediction.Figures.DecodeParts, 6)}")]);
        }
    }

    private static void WriteChoices(IReadOnlyList<ChoiceQuality> choices, Terminal terminal)
    {
        if (choices.Count == 0)
        {
            terminal.Print(TextLines.Of(ChoiceReport.Nothing, TextLines.Width));
            return;
        }

        terminal.Print(TextLines.Of(ChoiceReport.Title, TextLines.Width));
        foreach (TextTable table in ChoiceReport.Tables(choices))
        {
            terminal.Print(table);
        }
    }

    private static void WriteReasons(IEnumerable<(string Reason, int Rows)> reasons, Terminal terminal)
    {
        foreach ((string reason, int rows) in reasons)
        {
            terminal.Print([string.Create(CultureInfo.InvariantCulture, $"not covered: {rows,6} {reason}")]);
        }
    }

    private static void WriteBeyondTraining(int rows, Terminal terminal)
    {
        if (rows > 0)
        {
            terminal.Output.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"efficiency model: {rows:N0} rows run operators, or on chips, beyond its training"));
        }
    }

    private static void WriteReasons(Utf8JsonWriter json, IEnumerable<(string Reason, int Rows)> reasons)
    {
        json.WriteStartObject("notCovered");
        foreach ((string reason, int rows) in reasons)
        {
            json.WriteNumber(reason, rows);
        }

        json.WriteEndObject();
    }

    private static string Json(Validation validation, ServingOptions options, int rows, IReadOnlyList<string> warnings) => IndentedJson.Object(json =>
    {
        WriteFile(json, "predictions", options.Output);
        WriteFile(json, "plot", options.Plot);
        json.WriteNumber("rows", rows);
        json.WriteNumber("predicted", validation.Covered.Count);
        json.WriteObjects("groups", validation.Groups, group =>
        {
            json.WriteString("by", group.By);
            json.WriteString("group", group.Group);
            Write(json, "timePerOutputToken", group.PerToken);
            Write(json, "timeToFirstToken", group.FirstToken);
        });
        WriteReasons(json, validation.Uncovered.Select(pair => (pair.Key, pair.Value)));
        json.WriteNumber("beyondTraining", validation.BeyondTraining);
        ChoiceReport.Write(json, validation.Intervals);
        if (options.Choices)
        {
            ChoiceReport.Write(json, validation.Choices);
        }

        json.WriteObjects("worst", validation.Worst(options.Worst), row =>
        {
            json.WriteString("row", row.Words);
            json.WriteNumber("predictedMilliseconds", row.Prediction.Figures.PerTokenMilliseconds);
            json.WriteNumber("measuredMilliseconds", row.MeasuredPerToken);
            json.WriteString("decodeStep", Validation.Breakdown(row.Prediction.Figures.DecodeParts, 6));
        });
        json.WriteTexts("warnings", warnings);
    });

    private static void WriteFile(Utf8JsonWriter json, string name, string? path)
    {
        if (path is not null)
        {
            json.WriteString(name, path);
        }
    }

    private static void Write(Utf8JsonWriter json, string name, ErrorStatistics errors)
    {
        json.WriteStartObject(name);
        json.WriteNumber("rows", errors.Count);
        if (errors.Count > 0)
        {
            json.WriteNumber("medianError", errors.Errors.Median);
            json.WriteNumber("meanError", errors.Errors.Mean);
            json.WriteNumber("bias", errors.Bias);
            json.WriteNumber("withinTenPercent", errors.WithinTenth);
            json.WriteNumber("withinTwentyPercent", errors.WithinFifth);
        }

        json.WriteEndObject();
    }
}
