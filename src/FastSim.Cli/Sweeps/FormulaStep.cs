namespace FastSim.Cli.Sweeps;

/// <summary>What a step of an expression does: those of no operand first, then of one, of two, of three.</summary>
internal enum FormulaOperation
{
    /// <summary>A number that is stated.</summary>
    Constant,

    /// <summary>A number that is named.</summary>
    Number,

    /// <summary>The number of the other sign.</summary>
    Negate,

    /// <summary>Whether something is false, or 0.</summary>
    Not,

    /// <summary>The square root.</summary>
    Root,

    /// <summary>The exponential.</summary>
    Exponential,

    /// <summary>The natural logarithm.</summary>
    NaturalLogarithm,

    /// <summary>The logarithm to the base 10.</summary>
    DecimalLogarithm,

    /// <summary>The number without its sign.</summary>
    Magnitude,

    /// <summary>The whole number below.</summary>
    Floor,

    /// <summary>The whole number above.</summary>
    Ceiling,

    /// <summary>The whole number towards 0.</summary>
    Truncate,

    /// <summary>-1, 0 or 1; none of what is no number.</summary>
    Sign,

    /// <summary>A sum.</summary>
    Add,

    /// <summary>A difference.</summary>
    Subtract,

    /// <summary>A product.</summary>
    Multiply,

    /// <summary>A quotient.</summary>
    Divide,

    /// <summary>What is left of a division.</summary>
    Remainder,

    /// <summary>A power.</summary>
    Power,

    /// <summary>The logarithm of the first to the base of the second.</summary>
    Logarithm,

    /// <summary>A number of so many digits.</summary>
    Round,

    /// <summary>The lesser.</summary>
    Least,

    /// <summary>The greater.</summary>
    Greatest,

    /// <summary>Whether one is less.</summary>
    Less,

    /// <summary>Whether one is less or the same.</summary>
    LessOrEqual,

    /// <summary>Whether they are the same.</summary>
    Equal,

    /// <summary>Whether both are true.</summary>
    And,

    /// <summary>Whether one is true.</summary>
    Or,

    /// <summary>The second where the first is true, else the third.</summary>
    Choose,
}

/// <summary>A step of an expression: takes its operands from the top of a stack, the last on top, and leaves what it gives.</summary>
/// <param name="Does">What it does.</param>
/// <param name="Constant">The number that is stated.</param>
/// <param name="Place">Place of the number that is named.</param>
/// <param name="MayBeWhole">Whether it may be computed in whole numbers, which have no 0 below 0.</param>
internal readonly record struct FormulaStep(FormulaOperation Does, double Constant = 0, int Place = 0, bool MayBeWhole = false)
{
    /// <summary>How many operands it takes.</summary>
    public int Operands => Does switch
    {
        <= FormulaOperation.Number => 0,
        <= FormulaOperation.Sign => 1,
        < FormulaOperation.Choose => 2,
        _ => 3,
    };
}
