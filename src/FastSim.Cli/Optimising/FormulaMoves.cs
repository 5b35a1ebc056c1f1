using FastSim.Cli.Sweeps;
using NCalc;

namespace FastSim.Cli.Optimising;

/// <summary>How an expression moves from the variants of a box to those some steps beside them. Serves one thread.</summary>
internal sealed class FormulaMoves
{
    private readonly MoveTable table;
    private readonly FormulaBounds from;
    private readonly FormulaBounds to;
    private readonly int[] used;
    private readonly Func<Move> program;

    /// <summary>Compiles an expression.</summary>
    /// <param name="formula">The expression.</param>
    /// <param name="table">Moves of the numbers that it may use.</param>
    /// <exception cref="Configuration.ConfigurationException">It uses a number or an operation that has no bounds.</exception>
    public FormulaMoves(Formula formula, MoveTable table)
    {
        this.table = table;
        from = new FormulaBounds(formula, table.From);
        to = new FormulaBounds(formula, table.To);
        used = [.. formula.Names.Select(table.From.PlaceOf)];
        program = Compile(formula.Tree);
    }

    /// <summary>Its move, where everything that it uses is there.</summary>
    public Move Evaluate() => Array.TrueForAll(used, place => table.Of(place).IsStill) ? Move.Still(from.Evaluate().Bound) : program();

    private Func<Move> Compile(LogicalExpression node)
    {
        switch (node)
        {
            case Identifier name:
                int place = table.From.PlaceOf(name.Name);
                return () => table.Of(place);
            case UnaryExpression { Type: UnaryExpressionType.Negate } unary:
                Func<Move> negated = Compile(unary.Expression);
                return () => -negated();
            case BinaryExpression binary when Binary(binary) is { } moves:
                return moves;
            case Function { Parameters: [_, _] } call when Call(call) is { } moves:
                return moves;
        }

        Func<Interval> here = from.Part(node);
        Func<Interval> beside = to.Part(node);
        if (node is ValueExpression)
        {
            Move still = Move.Still(here());
            return () => still;
        }

        return () => Move.Of(here(), beside());
    }

    private Func<Move>? Binary(BinaryExpression binary)
    {
        Lazy<Func<Move>> left = new(() => Compile(binary.LeftExpression));
        Lazy<Func<Move>> right = new(() => Compile(binary.RightExpression));
        return binary.Type switch
        {
            BinaryExpressionType.Plus => Of(left.Value, right.Value, static (one, other) => one + other),
            BinaryExpressionType.Minus => Of(left.Value, right.Value, static (one, other) => one - other),
            BinaryExpressionType.Times => Of(left.Value, right.Value, static (one, other) => one * other),
            BinaryExpressionType.Div => Of(left.Value, right.Value, static (one, other) => one / other),
            BinaryExpressionType.Exponentiation => Of(left.Value, right.Value, Move.Power),
            _ => null,
        };
    }

    private Func<Move>? Call(Function call)
    {
        string name = call.Identifier.Name.ToUpperInvariant();
        if (name is not ("POW" or "MIN" or "MAX"))
        {
            return null;
        }

        Func<Move> left = Compile(call.Parameters[0]);
        Func<Move> right = Compile(call.Parameters[1]);
        if (name == "POW")
        {
            return Of(left, right, Move.Power);
        }

        Func<Interval> here = from.Part(call);
        Func<Interval> beside = to.Part(call);
        return () => Move.Choice(here(), beside(), left(), right());
    }

    private static Func<Move> Of(Func<Move> left, Func<Move> right, Func<Move, Move, Move> operation) => () => operation(left(), right());
}
