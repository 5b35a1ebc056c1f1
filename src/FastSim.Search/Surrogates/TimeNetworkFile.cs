using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Search.Surrogates;

/// <summary>
/// Writes trained ensembles, one a family, as one ONNX model that keeps the second contract: the family's weights are picked by its number. All members of an
/// ensemble are one network, whose layers do not mix them.
/// </summary>
public static class TimeNetworkFile
{
    private const int Inputs = OperatorComponents.Count;
    private const int Members = TimeEnsemble.Size;
    private const int First = MonotoneNetwork.First;
    private const int Second = MonotoneNetwork.Second;
    private const int FirstLeft = First / 2;
    private const int SecondLeft = Second / 2;

    /// <summary>The file's bytes.</summary>
    /// <param name="ensembles">Ensembles by family.</param>
    /// <param name="forms">Parameters of the timing forms that they were trained with.</param>
    /// <param name="timings">Parameters of other timing forms by family and kind.</param>
    /// <param name="notes">Further lines of metadata: what it was trained on, by whom.</param>
    public static byte[] Write(
        IReadOnlyDictionary<OperatorFamily, TimeEnsemble> ensembles,
        FormParameters forms,
        IReadOnlyDictionary<(string Family, string Kind), double[]> timings,
        IEnumerable<(string Key, string Value)> notes)
    {
        ArgumentNullException.ThrowIfNull(ensembles);
        ArgumentNullException.ThrowIfNull(forms);
        ArgumentNullException.ThrowIfNull(timings);
        ArgumentNullException.ThrowIfNull(notes);
        float[] Stacked(Func<TimeEnsemble, float[]> part, int size)
        {
            float[] all = new float[size * TimeNetworkGraph.Families];
            foreach ((OperatorFamily family, TimeEnsemble ensemble) in ensembles)
            {
                part(ensemble).CopyTo(all, (int)family * size);
            }

            return all;
        }

        OnnxGraph graph = TimeNetworkGraph.Of(layer => layer switch
        {
            TimeNetworkGraph.FirstLayer => new LayerWeights(
                Stacked(FirstWeights, TimeNetworkGraph.FirstInputs * TimeNetworkGraph.FirstUnits), Stacked(FirstBiases, TimeNetworkGraph.FirstUnits)),
            TimeNetworkGraph.SecondLayer => new LayerWeights(
                Stacked(SecondWeights, TimeNetworkGraph.SecondInputs * TimeNetworkGraph.SecondUnits), Stacked(SecondBiases, TimeNetworkGraph.SecondUnits)),
            _ => new LayerWeights(
                Stacked(LastWeights, TimeNetworkGraph.LastInputs * TimeNetworkGraph.LastUnits), Stacked(LastBiases, TimeNetworkGraph.LastUnits)),
        });
        graph.Describe(OnnxContract.Version, OnnxContract.VersionTwo);
        foreach ((OperatorFamily family, TimeEnsemble ensemble) in ensembles.OrderBy(pair => pair.Key))
        {
            graph.Describe(OnnxContract.RangePrefix + family, OnnxContract.AnyTime);
            graph.Describe(OnnxContract.BeyondPrefix + family, ensemble.MostHalfWidth.ToString("R", CultureInfo.InvariantCulture));
        }

        foreach (((OperatorFamily family, int slot), double[] parameters) in forms.Stated.OrderBy(pair => pair.Key))
        {
            graph.Describe(string.Create(CultureInfo.InvariantCulture, $"{OnnxContract.FormPrefix}{family}.{slot}"), Listed(parameters));
        }

        foreach (((string family, string kind), double[] parameters) in timings
            .OrderBy(pair => pair.Key.Family, StringComparer.Ordinal).ThenBy(pair => pair.Key.Kind, StringComparer.Ordinal))
        {
            graph.Describe($"{OnnxContract.TimingPrefix}{family}.{kind}", Listed(parameters));
        }

        if (forms.AtHeldRates)
        {
            graph.Describe(OnnxContract.FormRates, OnnxContract.Held);
        }

        foreach ((string key, string value) in notes)
        {
            graph.Describe(key, value);
        }

        return graph.ToArray();
    }

    private static string Listed(double[] parameters) =>
        string.Join(' ', parameters.Select(parameter => parameter.ToString("R", CultureInfo.InvariantCulture)));

    private static float[] FirstWeights(TimeEnsemble ensemble) => Placed(
        ensemble, Inputs, First, (network, weights) =>
        {
            network.FirstMeans.CopyTo(weights);
            network.FirstShifts.CopyTo(weights[network.FirstMeans.Length..]);
        });

    private static float[] FirstBiases(TimeEnsemble ensemble) => Placed(ensemble, 1, First, (network, biases) => network.FirstBiases.CopyTo(biases));

    private static float[] SecondBiases(TimeEnsemble ensemble) => Placed(ensemble, 1, Second, (network, biases) => network.SecondBiases.CopyTo(biases));

    private static float[] LastBiases(TimeEnsemble ensemble) => [.. ensemble.Members.Select(network => network.LastShift), ensemble.LeastHalfWidth];

    /// <summary>A row a pair of the first layer, each member's own, then a row a feature.</summary>
    private static float[] SecondWeights(TimeEnsemble ensemble)
    {
        const int Units = TimeNetworkGraph.SecondUnits;
        float[] found = new float[TimeNetworkGraph.SecondInputs * Units];
        for (int member = 0; member < Members; member++)
        {
            MonotoneNetwork network = ensemble.Members[member];
            for (int unit = 0; unit < Second; unit++)
            {
                int place = Place(member, unit, Second);
                for (int pair = 0; pair < FirstLeft; pair++)
                {
                    found[(LeftPlace(member, pair, FirstLeft) * Units) + place] = network.SecondMeans[(pair * Second) + unit];
                }

                for (int mark = 0; mark < Inputs - OperatorComponents.Most; mark++)
                {
                    found[(((Members * FirstLeft) + OperatorComponents.Most + mark) * Units) + place] = network.SecondShifts[(mark * Second) + unit];
                }
            }
        }

        return found;
    }

    /// <summary>A row a pair of the second layer, then a row a feature; a column a member, and one of the half width where members agree.</summary>
    private static float[] LastWeights(TimeEnsemble ensemble)
    {
        const int Answers = TimeNetworkGraph.LastUnits;
        float[] found = new float[TimeNetworkGraph.LastInputs * Answers];
        const int FirstMark = (Members * SecondLeft) + OperatorComponents.Most;
        for (int mark = 0; mark < ensemble.HalfWidthsOfMarks.Count; mark++)
        {
            found[((FirstMark + mark) * Answers) + Members] = ensemble.HalfWidthsOfMarks[mark];
        }

        for (int member = 0; member < Members; member++)
        {
            MonotoneNetwork network = ensemble.Members[member];
            for (int pair = 0; pair < SecondLeft; pair++)
            {
                found[(LeftPlace(member, pair, SecondLeft) * Answers) + member] = network.LastMeans[pair];
            }

            for (int mark = 0; mark < Inputs - OperatorComponents.Most; mark++)
            {
                found[((FirstMark + mark) * Answers) + member] = network.LastShifts[mark];
            }
        }

        return found;
    }

    private delegate void Fill(MonotoneNetwork network, Span<float> weights);

    /// <summary>Members' weights beside each other, a row an input.</summary>
    private static float[] Placed(TimeEnsemble ensemble, int inputs, int units, Fill fill)
    {
        float[] found = new float[inputs * Members * units];
        float[] own = new float[inputs * units];
        for (int member = 0; member < Members; member++)
        {
            fill(ensemble.Members[member], own);
            for (int input = 0; input < inputs; input++)
            {
                for (int unit = 0; unit < units; unit++)
                {
                    found[(input * Members * units) + Place(member, unit, units)] = own[(input * units) + unit];
                }
            }
        }

        return found;
    }

    /// <summary>Where a member's unit stands: units go by quarter first, so that one operator pairs those of all members.</summary>
    private static int Place(int member, int unit, int units)
    {
        int quarter = units / 4;
        return (unit / quarter * Members * quarter) + (member * quarter) + (unit % quarter);
    }

    /// <summary>Where what a member's pair left stands: all that are the larger first.</summary>
    private static int LeftPlace(int member, int pair, int pairs)
    {
        int half = pairs / 2;
        return (pair / half * Members * half) + (member * half) + (pair % half);
    }
}
