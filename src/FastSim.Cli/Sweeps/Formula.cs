using System.Globalization;
using FastSim.Cli.Configuration;
using NCalc;

namespace FastSim.Cli.Sweeps;

/// <summary>An expression over named numbers of a sweep. Serves one thread.</summary>
internal sealed class Formula
{
    private const string Positive = "a number above 0";
    private const string BitOperators = @"\^|~|<<|>>|(?<!&)&(?!&)|(?<!\|)\|(?!\|)";

    private readonly Expression expression;
    private readonly string source;
    private readonly string key;
    private readonly string text;
    private readonly FormulaProgram? program;
    private readonly double[] numbers;
    private readonly bool isPositive;

    private Formula(string source, string key, string text, IReadOnlyList<string> names, bool isPositive)
    {
        this.isPositive = isPositive;
        this.source = source;
        this.key = key;
        this.text = text;
        FormulaLimits.Check(source, key, text);
        if (System.Text.RegularExpressions.Regex.IsMatch(text, BitOperators))
        {
            throw new ConfigurationException($"{source}: {key}: found {text}; expected no bit operators (^, ~, &, |): Pow(a, b) is a power; and, or, not are logic");
        }

        string expected = $"an expression under {key}";
        expression = ForeignParser.Run(
            source, expected, () => new Expression(WithRealNumbers(text)) { CultureInfo = CultureInfo.InvariantCulture });
        if (ForeignParser.Run(source, expected, () => expression.HasErrors()))
        {
            throw new ConfigurationException($"{source}: {key}: found {text}; expected an expression: {OneLine.Of(expression.Error?.Message ?? "")}");
        }

        Names = [.. ForeignParser.Run(source, expected, () => expression.GetParameterNames()).Distinct(StringComparer.Ordinal)];
        foreach (string name in Names.Where(name => !names.Contains(name)))
        {
            string nearest = NearestName.Of(name, names) is { } near ? $"; did you mean \"{near}\"?" : "";
            throw new ConfigurationException($"{source}: {key}: found {name}; expected names among {string.Join(", ", names)}{nearest}");
        }

        numbers = new double[Names.Count];
        program = FormulaProgram.Of(Tree, name => Array.FindIndex([.. Names], own => own == name));
    }

    /// <summary>Evaluates once with ones, so that a function it lacks or a text is known before a sweep begins.</summary>
    private Formula Tried()
    {
        Evaluate(_ => 1);
        if (isPositive && expression.Evaluate() is bool)
        {
            throw Complaint($"{text}, which is true or false", Positive);
        }

        if (isPositive && Names.Count == 0)
        {
            Value(_ => double.NaN);
        }

        return this;
    }

    /// <summary>Whole numbers written with a fraction, so that they are not computed in 32 bits; names, texts and numbers with a point or exponent stay.</summary>
    private static string WithRealNumbers(string text) =>
        System.Text.RegularExpressions.Regex.Replace(text, @"'[^']*'|\[[^\]]*\]|[A-Za-z_][A-Za-z0-9_]*|[0-9]*\.[0-9]+([eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|[0-9]+\.?", match =>
            char.IsAsciiDigit(match.Value[0]) && match.Value.All(char.IsAsciiDigit) ? $"{match.Value}.0" : match.Value);

    /// <summary>What it was parsed to.</summary>
    public LogicalExpression Tree => expression.LogicalExpression!;

    /// <summary>A complaint about it.</summary>
    /// <param name="found">What is found in it.</param>
    /// <param name="expected">What is expected.</param>
    public ConfigurationException Complaint(string found, string expected) => new($"{source}: {key}: found {found}; expected {expected}");

    /// <summary>Names it uses.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Reads an expression.</summary>
    /// <param name="source">The sweep file.</param>
    /// <param name="key">The key it stands under.</param>
    /// <param name="text">The expression; null for none.</param>
    /// <param name="names">Names it may use.</param>
    /// <param name="isPositive">Whether its values are to be numbers above 0, and no truth values.</param>
    /// <exception cref="ConfigurationException">It is none, or uses another name.</exception>
    public static Formula? Of(string source, string key, string? text, IReadOnlyList<string> names, bool isPositive = false) =>
        text is null ? null : new Formula(source, key, text, names, isPositive).Tried();

    /// <summary>Its value; NaN when a number it uses is missing.</summary>
    /// <param name="valueOf">The number of a name; NaN when it is missing.</param>
    /// <exception cref="ConfigurationException">It gives none, or one that is not finite, or not above 0 where it is to be, though it has every number it uses.</exception>
    public double Value(Func<string, double> valueOf)
    {
        for (int place = 0; place < numbers.Length; place++)
        {
            numbers[place] = valueOf(Names[place]);
            if (double.IsNaN(numbers[place]))
            {
                return double.NaN;
            }
        }

        double quick = program?.Value(numbers) ?? double.NaN;
        double value = double.IsNaN(quick) ? Evaluate(valueOf) : quick;
        if (double.IsFinite(value) && (!isPositive || value > 0))
        {
            return value;
        }

        string places = string.Join(", ", Names.Select(name => string.Create(CultureInfo.InvariantCulture, $"{name} = {valueOf(name):R}")));
        string found = double.IsNaN(value) ? "is no number" : double.IsInfinity(value) ? "is infinite" : string.Create(CultureInfo.InvariantCulture, $"is {value:R}");
        throw new FormulaException($"{source}: {key}: {text} {found}{(Names.Count > 0 ? $" at {places}" : "")}; expected {(isPositive ? Positive : "a number")}");
    }

    private double Evaluate(Func<string, double> valueOf)
    {
        foreach (string name in Names)
        {
            expression.Parameters[name] = valueOf(name);
        }

        try
        {
            return expression.Evaluate() switch
            {
                bool truth => truth ? 1 : 0,
                string => throw new FormulaException($"{source}: {key}: found {text}; expected an expression that gives a number"),
                IConvertible number => number.ToDouble(CultureInfo.InvariantCulture),
                _ => throw new FormulaException($"{source}: {key}: found {text}; expected an expression that gives a number"),
            };
        }
        catch (Exception exception) when (exception is not ConfigurationException)
        {
            throw new FormulaException($"{source}: {key}: found {text}; expected an expression: {OneLine.Of(exception.Message)}");
        }
    }
}
