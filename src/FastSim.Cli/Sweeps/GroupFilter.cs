using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>Which groups of a sweep have variants: all, unless the filter speaks of the axes alone that make groups.</summary>
internal static class GroupFilter
{
    /// <summary>Whether a group has variants that pass the filter, as far as the group decides it.</summary>
    public static Func<long, bool> Of(SweepFile file, SweepSpace space)
    {
        string[] names = [.. space.Axes.SelectMany(axis => axis.Columns).Select(column => column.Name)];
        Dictionary<string, (int Axis, AxisColumn Column)> ofGroups = [];
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            foreach (AxisColumn column in space.IsLane[axis] ? [] : space.Axes[axis].Columns)
            {
                ofGroups[column.Name] = (axis, column);
            }
        }

        if (Formula.Of(file.File, "filter", file.Filter, names) is not { } filter || !filter.Names.All(ofGroups.ContainsKey))
        {
            return _ => true;
        }

        return group =>
        {
            double value = filter.Value(name => ofGroups[name].Column.Values[space.GroupStepOf(group, ofGroups[name].Axis)] ?? double.NaN);
            return !double.IsNaN(value) && value != 0;
        };
    }
}
