using FastSim.Cli.Configuration;

namespace FastSim.Cli.Launching;

/// <summary>Kubernetes manifests of instances on several servers: a LeaderWorkerSet, a group of pods an instance, and the service of its leaders.</summary>
internal static class PodManifest
{
    private const int ProbeSeconds = 30;

    private static readonly string[] LockedMemory = ["IPC_LOCK"];

    /// <summary>Writes the manifest of a pool.</summary>
    public static void Write(TextWriter writer, EngineCommands commands, LaunchPool pool, string model)
    {
        string name = $"{commands.Release.Engine}{pool.Suffix}";
        writer.WriteLine($"# {commands.Release.Title}, flags of {commands.Release.Version}: {pool.Words}");
        new YamlMap
        {
            { "apiVersion", "leaderworkerset.x-k8s.io/v1" },
            { "kind", "LeaderWorkerSet" },
            { "metadata", new YamlMap { { "name", name } } },
            {
                "spec", new YamlMap
                {
                    { "replicas", pool.Instances },
                    {
                        "leaderWorkerTemplate", new YamlMap
                        {
                            { "size", pool.Nodes },
                            { "restartPolicy", "RecreateGroupOnPodRestart" },
                            { "leaderTemplate", Template(commands, pool, model, new InstanceNode(0, 0)) },
                            { "workerTemplate", Template(commands, pool, model, new InstanceNode(null, 0)) },
                        }
                    },
                }
            },
        }.Write(writer);
        writer.WriteLine("---");
        new YamlMap
        {
            { "apiVersion", "v1" },
            { "kind", "Service" },
            { "metadata", new YamlMap { { "name", name } } },
            {
                "spec", new YamlMap
                {
                    { "ports", new[] { new YamlMap { { "name", "http" }, { "port", pool.FrontPort }, { "targetPort", pool.PortOf(0) } } } },
                    { "selector", new YamlMap { { "leaderworkerset.sigs.k8s.io/name", name }, { "role", "leader" } } },
                }
            },
        }.Write(writer);
    }

    private static YamlMap Template(EngineCommands commands, LaunchPool pool, string model, InstanceNode node)
    {
        List<YamlMap> environment =
        [
            new() { { "name", "MODEL" }, { "value", OneLine.Of(model).Replace("$(", "$$(", StringComparison.Ordinal) } },
            Field(InstanceNode.WorkerIndex, "metadata.labels['leaderworkerset.sigs.k8s.io/worker-index']"),
        ];
        if (commands.Instance(pool, node).NamesOwnAddress)
        {
            environment.Add(Field(InstanceNode.OwnAddress, "status.podIP"));
        }

        // The address of a group's leader stands in a variable that the set adds to each pod.
        string script = $"HEAD=\"${{LWS_LEADER_ADDRESS}}\"; {commands.Instance(pool, node).ShellLine()}";
        YamlMap container = new()
        {
            { "name", commands.Release.Engine },
            { "image", commands.Release.Image },
            { "command", new[] { "bash", "-c", script } },
            { "env", environment },
        };
        if (node.IsFirst)
        {
            // The first server alone answers requests.
            container.Add("ports", new[] { new YamlMap { { "containerPort", pool.PortOf(0) } } });
            container.Add("readinessProbe", new YamlMap
            {
                { "tcpSocket", new YamlMap { { "port", pool.PortOf(0) } } },
                { "periodSeconds", ProbeSeconds },
            });
        }

        container.Add("resources", new YamlMap { { "limits", new YamlMap { { "nvidia.com/gpu", $"{pool.ServerCards}" } } } });
        container.Add("securityContext", new YamlMap { { "capabilities", new YamlMap { { "add", LockedMemory } } } });
        container.Add("volumeMounts", new[] { new YamlMap { { "mountPath", "/dev/shm" }, { "name", "shared-memory" } } });
        return new YamlMap
        {
            { "metadata", new YamlMap { { "labels", new YamlMap { { "role", node.IsFirst ? "leader" : "worker" } } } } },
            {
                "spec", new YamlMap
                {
                    { "hostNetwork", true },
                    { "dnsPolicy", "ClusterFirstWithHostNet" },
                    { "containers", new[] { container } },
                    { "volumes", new[] { new YamlMap { { "name", "shared-memory" }, { "emptyDir", new YamlMap { { "medium", "Memory" } } } } } },
                }
            },
        };
    }

    private static YamlMap Field(string name, string path) => new()
    {
        { "name", name },
        { "valueFrom", new YamlMap { { "fieldRef", new YamlMap { { "fieldPath", path } } } } },
    };
}
