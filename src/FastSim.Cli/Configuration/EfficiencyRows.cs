using FastSim.Kernels.Chips;

namespace FastSim.Cli.Configuration;

/// <summary>Forms that a table's rows may have.</summary>
internal enum TableForms
{
    /// <summary><c>[threshold, efficiency]</c>.</summary>
    Sizes,

    /// <summary>That, or <c>[m, n, k, efficiency]</c>.</summary>
    SizesOrShapes,

    /// <summary>That, with null for each extent: the form that matrix tables have, for operators that have no shape.</summary>
    SizesOrAnyShape,
}

/// <summary>Reads the rows of an efficiency table: <c>[threshold, efficiency]</c>, or <c>[m, n, k, efficiency]</c> where shapes make sense.</summary>
internal static class EfficiencyRows
{
    /// <summary>Every operator of every plan looks its row up.</summary>
    private const int MostRows = 10_000;
    private const int SizeWidth = 2;
    private const int ShapeWidth = 4;

    public static EfficiencyTable Read(JsonValue table, string unit, TableForms forms)
    {
        string expected = forms != TableForms.Sizes
            ? $"rows of [{unit}, efficiency] or of [m, n, k, efficiency]"
            : $"rows of [{unit}, efficiency]";
        JsonValue[][] rows = table.Items(expected, MostRows).Select(row => row.List(expected)).ToArray();
        int width = rows[0].Length;
        if (width != SizeWidth && !(forms != TableForms.Sizes && width == ShapeWidth))
        {
            throw table.Complaint(expected);
        }

        if (Array.Exists(rows, row => row.Length != width))
        {
            throw table.Complaint($"{expected}, all of one form");
        }

        if (forms == TableForms.SizesOrAnyShape && width == ShapeWidth
            && Array.Find(rows.SelectMany(row => row[..^1]).ToArray(), extent => !extent.IsNull) is { Path: not null } stray)
        {
            throw stray.Complaint("null: an element-wise operator has no shape");
        }

        double[] efficiencies = Array.ConvertAll(rows, row => row[^1].Number(NumberRule.Efficiency));
        if (width == ShapeWidth)
        {
            return EfficiencyTable.ByShape(Column(rows, 0), Column(rows, 1), Column(rows, 2), efficiencies);
        }

        double[] thresholds = Column(rows, 0);
        for (int row = 1; row < thresholds.Length; row++)
        {
            if (!(thresholds[row] < thresholds[row - 1]))
            {
                throw rows[row][0].Complaint("a threshold below the one before: the first row that an operator reaches wins");
            }
        }

        return EfficiencyTable.BySize(thresholds, efficiencies);
    }

    private static double[] Column(JsonValue[][] rows, int column) => Array.ConvertAll(
        rows,
        row => row[column].IsNull
            ? double.NegativeInfinity
            : row[column].Number(new NumberRule("a number of at least 0, or null for any", number => number >= 0)));
}
