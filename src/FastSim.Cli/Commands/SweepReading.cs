using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary>A sweep as its commands read it, and what it may not write over.</summary>
internal static class SweepReading
{
    private static readonly string[] Coefficients = ["calibration_coefficient", "gflops_efficiency", "MB_efficiency", "static_latency"];

    /// <summary>Reads and checks a sweep.</summary>
    public static SweepPlan Read(SweepOptions options, Terminal terminal, bool writesFiles, out Findings findings, out string fingerprint)
    {
        findings = new Findings(options.AllowUnknownKeys);
        SweepFile file = SweepFile.Load(
            options.SweepFile, options.OutputFolder ?? (writesFiles ? null : "."), options.Optimise ? SweepFile.MostSearched : SweepFile.MostAnswered, findings);
        SweepSpace space = new(file);
        if (options.Optimise)
        {
            OptimiseCommand.CheckGroups(file, space);
        }

        if (writesFiles)
        {
            RefuseOverwriting(options.SweepFile, file);
        }

        RuntimeOverrides overrides = RuntimeOverrides.None with
        {
            Accounting = options.Accounting,
            OutputFolder = file.OutputFolder,
            EfficiencyModel = options.EfficiencyModel,
            BeyondContext = options.BeyondContext,
            Timing = options.Timing,
        };
        SweepInputs inputs = new(file, space, overrides, findings);
        Func<long, bool> passes = GroupFilter.Of(file, space);
        inputs.Check(passes);
        long first = 0;
        while (first < space.Groups - 1 && !passes(first))
        {
            first++;
        }

        SweepGroup group = inputs.Group(first);
        SweepPlan plan = new(file, space, inputs, first, group);
        _ = (plan.Filter(), plan.Cost(), plan.Score());
        bool isFitted = group.Jobs.Any(job => job.Job.Timing.Count > 0);
        if (overrides.Models.Digests.Count > 0 || isFitted)
        {
            WarnOfCoefficients(space, isFitted ? "launches that no form fits" : "operators that the efficiency model does not know", findings);
            overrides.Models.Partial.ToList().ForEach(findings.Warn);
        }

        if (!options.Quiet)
        {
            terminal.Warn(findings.Warnings);
        }

        fingerprint = SweepFile.Fingerprint(
            [InputFile.Text(options.SweepFile, InputForm.Json), .. inputs.Documents, .. space.Axes.SelectMany((axis, _) => Enumerable.Range(0, axis.Count).Select(axis.Describe))],
            $"accounting {options.Accounting}",
            $"timing {string.Join(' ', options.Timing ?? [])}",
            $"efficiency {string.Join(' ', overrides.Models.Digests)}, of all {(overrides.EfficiencyModel is { } stated ? overrides.Models.Load(stated).Name : "none")}",
            $"block {plan.VariantsPerBlock}",
            $"build {typeof(SweepCommand).Assembly.ManifestModule.ModuleVersionId} {typeof(Search.Sweeps.SweepJob).Assembly.ManifestModule.ModuleVersionId} {typeof(Kernels.Chips.Chip).Assembly.ManifestModule.ModuleVersionId}");
        return plan;
    }

    private static string[] ResultNames(SweepFile file) => [file.ResultName, BestTable.Name, OptimiseCommand.RowsName, ParetoTable.Name, EnvelopeTable.Name, SweepOutput.SensitivityName, SweepOutput.ReportName];

    /// <summary>No result may take the place of what it is made from.</summary>
    private static void RefuseOverwriting(string sweepFile, SweepFile file)
    {
        string[] inputs = [Path.GetFullPath(sweepFile), Path.GetFullPath(file.RuntimeFile), .. file.Tables.Select(Path.GetFullPath)];
        foreach (string name in ResultNames(file))
        {
            string result = Path.GetFullPath(Path.Combine(file.OutputFolder, name));
            if (inputs.Contains(result))
            {
                throw new ConfigurationException($"{sweepFile}: output: found a folder in which {name} is an input of the sweep; expected one of its own");
            }
        }
    }

    /// <summary>Everything a sweep writes, or removes of an earlier one, held against what it read: before the work, not after.</summary>
    public static void CheckOutputs(string folder, SweepPlan plan, SweepOptions options)
    {
        if (options.Front)
        {
            EnvelopeTable.Check(plan);
        }

        string[] names = [.. ResultNames(plan.File), "sweep.lock"];
        string plots = Path.Combine(folder, "plots");
        IEnumerable<string> paths =
        [
            .. names.Select(name => Path.Combine(folder, name)),
            BlockJournal.DataPath(folder),
            BlockJournal.JournalPath(folder),
            .. SweepOutput.PlotsIn(plots),
        ];
        foreach (string path in paths)
        {
            OutputFile.Check(path);
        }
    }

    /// <summary>Learned efficiencies and fitted forms take the place of coefficients and tables: an axis that varies one varies only what they do not know.</summary>
    private static void WarnOfCoefficients(SweepSpace space, string others, Findings findings)
    {
        foreach (SweepPath path in space.Paths)
        {
            bool isReplaced = Coefficients.Any(name => path.Text.Contains(name, StringComparison.Ordinal)) && !path.Text.Contains(".vector.", StringComparison.Ordinal);
            if (isReplaced)
            {
                findings.Warn($"{path.Text} counts only for {others}");
            }
        }
    }
}
