using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Whether objectives that go by axes alone become better or worse some steps beside a box, where what is served is no less. Serves one thread.</summary>
internal sealed class ObjectiveMoves
{
    private const int LawfulThroughputs = 3;

    private readonly StepMoves moves;
    private readonly (int Place, int Sign)[] objectives;
    private readonly FormulaMoves? cost;
    private readonly int costPlace;

    private ObjectiveMoves(StepMoves moves, (int Place, int Sign)[] objectives, FormulaMoves? cost, int costPlace) =>
        (this.moves, this.objectives, this.cost, this.costPlace) = (moves, objectives, cost, costPlace);

    /// <summary>Place of each objective, and 1 where more of it is better, -1 where less is.</summary>
    public IReadOnlyList<(int Place, int Sign)> Directions => objectives;

    /// <summary>Those of a front; null where they do not tell: one goes by what is served as well as by axes, asks for less of it, or none goes by axes alone.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="question">What is asked.</param>
    /// <param name="values">The numbers of boxes.</param>
    /// <param name="moves">How they move.</param>
    public static ObjectiveMoves? Of(SweepPlan plan, SearchQuestion question, BoxValues values, StepMoves moves)
    {
        List<(int, int)> objectives = [];
        FormulaMoves? cost = null;
        foreach (Objective objective in question.Objectives)
        {
            int place = objective.Field == SuiteScore.Column ? -1 : values.Table.PlaceOf(objective.Field);
            if (place >= values.FirstLawful && place < values.FirstLawful + LawfulThroughputs && objective.Maximise)
            {
                continue;
            }

            if (place == values.Cost && plan.Cost() is { } stated && stated.Names.All(plan.AxisNames.Contains))
            {
                cost = new FormulaMoves(stated, moves.Table);
            }
            else if (place < 0 || place >= values.FirstLawful)
            {
                return null;
            }

            objectives.Add((place, objective.Maximise ? 1 : -1));
        }

        return question.IsFront && objectives.Count > 0 ? new ObjectiveMoves(moves, [.. objectives], cost, values.Cost) : null;
    }

    /// <summary>Whether all are as good and one is better, at every variant.</summary>
    public bool AreBetter()
    {
        bool isBetter = false;
        foreach ((int place, int sign) in objectives)
        {
            Interval by = ByOf(place);
            double gain = sign > 0 ? by.Low : -by.High;
            if (!(gain >= 0))
            {
                return false;
            }

            isBetter |= gain > 0;
        }

        return isBetter;
    }

    /// <summary>Whether none is worse in the middle of its bounds.</summary>
    public bool AreBetterMidway() => Array.TrueForAll(objectives, objective => ByOf(objective.Place) is var by && (by.Low + by.High) * objective.Sign >= 0);

    /// <summary>Whether some objective is better at none, and may be worse at some.</summary>
    public bool IsWorse()
    {
        foreach ((int place, int sign) in objectives)
        {
            Interval by = ByOf(place);
            if (sign > 0 ? by.High <= 0 && by.Low < 0 : by.Low >= 0 && by.High > 0)
            {
                return true;
            }
        }

        return false;
    }

    private Interval ByOf(int place) => place == costPlace && cost is not null ? cost.Evaluate().By : moves.Table.Of(place).By;
}
