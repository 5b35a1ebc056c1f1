using System.Text;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Commands;

/// <summary>A sweep for a program that asks in process: its rows as text, and no file.</summary>
internal static class SweepRows
{
    /// <summary>Answers every variant.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="options">What was asked.</param>
    /// <param name="warnings">Warnings.</param>
    /// <param name="terminal">Where it speaks.</param>
    /// <returns>One of <see cref="ExitCodes"/>.</returns>
    /// <exception cref="ConfigurationException">An option needs a folder.</exception>
    public static int Answer(SweepPlan plan, SweepOptions options, IReadOnlyList<string> warnings, Terminal terminal)
    {
        string? needsFolder = options switch
        {
            { Shard.Count: > 1 } => "--shard",
            { Optimise: true } => "--optimise",
            { Front: true } => "--front",
            { Plots: true } => "--plots",
            { Resume: true } => "--resume",
            _ => null,
        };
        if (needsFolder is not null)
        {
            throw new ConfigurationException($"{needsFolder}: found no --output; expected the folder of the results: a call in process writes no files without one");
        }

        using MemoryStream rows = new();
        rows.Write(RowWriter.Header(plan));
        GroupCache groups = new(plan);
        SweepTally tally = new();
        long count = 0;
        long feasible = 0;
        OrderedBlocks.Run<BlockAnswers>(
            0,
            plan.Blocks,
            options.Threads,
            () =>
            {
                BlockSolver solver = new(plan, groups, options.Width);
                return block => solver.Solve(block * plan.VariantsPerBlock, Math.Min(plan.Space.Count, (block + 1) * plan.VariantsPerBlock));
            },
            (_, answers) =>
            {
                using (answers)
                {
                    rows.Write(answers.Rows.Span);
                    count += answers.Count;
                    feasible += answers.Feasible;
                    tally.Add(answers.Tally);
                }
            },
            CancellationToken.None);
        terminal.Output.WriteLine(IndentedJson.Object(json =>
        {
            json.WriteNumber("variants", plan.Space.Count);
            json.WriteNumber("rows", count);
            json.WriteNumber("feasible", feasible);
            json.WriteString("rankedBy", plan.RankedBy);
            json.WriteNumber("candidatesCovered", tally.Covered);
            json.WriteNumber("candidatesEvaluated", tally.Evaluated);
            json.WriteTexts("texts", plan.Columns.Where(column => column.Text is not null).Select(column => column.Name).Append(SweepColumns.Reason.Name));
            json.WriteString("csv", Encoding.UTF8.GetString(rows.GetBuffer().AsSpan(0, (int)rows.Length)));
            json.WriteTexts("warnings", warnings);
        }));
        return feasible > 0 ? ExitCodes.Success : ExitCodes.NoPlan;
    }
}
