using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>Which groups of a sweep have variants: all, unless the filter speaks of the axes alone that make groups.</summary>
internal static class GroupFilter
{
    /// <summary>Whether a group has variants that pass the filter, as far as the group decides it.</summary>
    public static Func<long, bool> Of(SweepFile file, SweepSpace space)
    {
        if (Formula.Of(file.File, "filter", file.Filter, space.Names) is not { } filter)
        {
            return _ => true;
        }

        HashSet<string> ofGroups = [];
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            ofGroups.UnionWith(space.IsLane[axis] ? [] : space.Axes[axis].Columns.Select(column => column.Name));
        }

        ofGroups.UnionWith(space.Derived
            .Where((_, number) => !Enumerable.Range(0, space.Axes.Count).Any(axis => space.IsLane[axis] && space.Follows(number, axis)))
            .Select(number => number.Name));
        if (!filter.Names.All(ofGroups.Contains))
        {
            return _ => true;
        }

        VariantValues values = new(space);
        return group =>
        {
            values.LoadGroup(group);
            double value = filter.Value(values.ValueOf);
            return !double.IsNaN(value) && value != 0;
        };
    }
}
