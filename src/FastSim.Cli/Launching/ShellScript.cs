using System.Globalization;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Launching;

/// <summary>Scripts for servers without containers, or with a container that the reader starts.</summary>
internal static class ShellScript
{
    /// <summary>Further flags of whoever calls a script.</summary>
    private const string More = "\"$@\"";

    /// <summary>Variable for a server's name.</summary>
    public static string VariableOf(string host) => host.ToUpperInvariant().Replace('-', '_');

    /// <summary>All instances of a server.</summary>
    public static void WriteServer(TextWriter writer, EngineCommands commands, LaunchPool pool, int instances, string model)
    {
        string servers = (pool.Servers, pool.OnLastServer) switch
        {
            (1, _) => "the server",
            (_, 0) => $"each of the {pool.Servers} servers",
            _ when instances < pool.PerServer => $"the last of the {pool.Servers} servers",
            _ => $"each of the {pool.Servers} servers but the last",
        };
        Head(writer, commands.Release, $"{pool.Words}; run it on {servers}");
        Variables(writer, model, commands.Instance(pool, new InstanceNode(0, 0)), hasHead: false);
        for (int place = 0; place < instances; place++)
        {
            LaunchCommand command = commands.Instance(pool, new InstanceNode(0, place));
            string devices = pool.InstanceCards < pool.ServerCards ? $"CUDA_VISIBLE_DEVICES={string.Join(',', pool.CardsOf(place))} " : "";
            writer.WriteLine($"{devices}{command.Shell(More)}{(instances > 1 ? " &" : "")}");
        }

        if (instances > 1)
        {
            // One that ends takes the others with it, so that whoever watches the script sees it.
            writer.WriteLine("trap 'kill $(jobs -p) 2>/dev/null' EXIT INT TERM");
            writer.WriteLine("wait -n");
        }
    }

    /// <summary>One server of an instance.</summary>
    public static void WriteNode(TextWriter writer, EngineCommands commands, LaunchPool pool, InstanceNode node, string model)
    {
        Head(writer, commands.Release, string.Create(
            CultureInfo.InvariantCulture, $"{pool.Words}; run it on server {node.Number} of the {pool.Nodes} of each instance, HEAD the address of server 0"));
        Variables(writer, model, commands.Instance(pool, new InstanceNode(0, 0)), hasHead: true);
        writer.WriteLine(commands.Instance(pool, node).Shell(More));
    }

    /// <summary>An instance on several servers as one MPI world.</summary>
    public static void WriteSlurm(TextWriter writer, EngineCommands commands, LaunchPool pool, string model)
    {
        Head(writer, commands.Release, $"{pool.Words}; run it for each instance in an allocation of {pool.Nodes} nodes with pyxis");
        Variables(writer, model, commands.Instance(pool, new InstanceNode(0, 0)), hasHead: false);

        // Pyxis separates registry and image by a number sign.
        int slash = commands.Release.Image.IndexOf('/', StringComparison.Ordinal);
        string image = $"{commands.Release.Image[..slash]}#{commands.Release.Image[(slash + 1)..]}";
        writer.WriteLine($"IMAGE=\"${{{commands.Release.ImageVariable}:-{image}}}\"");
        string prefix = string.Create(
            CultureInfo.InvariantCulture,
            $"srun --nodes {pool.Nodes} --ntasks {pool.InstanceCards} --ntasks-per-node {pool.ServerCards} --gres=gpu:{pool.ServerCards} --mpi=pmix \\\n    --container-image=\"${{IMAGE}}\" --container-mounts=\"$PWD:$PWD\" --container-workdir=\"$PWD\" \\\n    trtllm-llmapi-launch ");
        writer.WriteLine(prefix + commands.Instance(pool, new InstanceNode(0, 0)).Shell(More));
    }

    /// <summary>What spreads requests.</summary>
    public static void WriteRouter(TextWriter writer, EngineRelease release, LaunchCommand router, LaunchFront front, bool isOneServer)
    {
        Head(writer, release, $"what clients ask, port {front.Port}; run it once, when the instances answer");
        if (!isOneServer && router.Arguments.Any(word => word.Expands))
        {
            foreach (string host in front.Serve.Concat(front.Prefill).Concat(front.Decode).Select(address => address.Name).Distinct())
            {
                writer.WriteLine($"{VariableOf(host)}=\"${{{VariableOf(host)}:-{host}}}\"");
            }
        }

        writer.WriteLine(router.Shell(More));
    }

    private static void Head(TextWriter writer, EngineRelease release, string what)
    {
        writer.WriteLine("#!/usr/bin/env bash");
        writer.WriteLine($"# {release.Title}, flags of {release.Version}: {what}");
        writer.WriteLine("set -euo pipefail");
        writer.WriteLine("cd \"$(dirname \"$0\")\"");
    }

    private static void Variables(TextWriter writer, string model, LaunchCommand command, bool hasHead)
    {
        writer.WriteLine($"DEFAULT_MODEL={LaunchWord.Quoted(OneLine.Of(model))}");
        writer.WriteLine("MODEL=\"${MODEL:-$DEFAULT_MODEL}\"");
        if (hasHead)
        {
            writer.WriteLine("HEAD=\"${HEAD:?set it to the address of the first server of the instance}\"");
        }

        if (command.NamesOwnAddress)
        {
            writer.WriteLine($"{InstanceNode.OwnAddress}=\"${{{InstanceNode.OwnAddress}:-$(hostname -I | cut -d' ' -f1)}}\"");
        }
    }
}
