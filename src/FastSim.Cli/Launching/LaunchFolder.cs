namespace FastSim.Cli.Launching;

/// <summary>The files that start a plan on one engine.</summary>
/// <param name="commands">The engine.</param>
/// <param name="pools">The pools.</param>
/// <param name="model">What the engine loads.</param>
internal sealed class LaunchFolder(EngineCommands commands, IReadOnlyList<LaunchPool> pools, string model)
{
    /// <summary>The pools.</summary>
    public IReadOnlyList<LaunchPool> Pools => pools;

    /// <summary>What the engine loads.</summary>
    public string Model => model;

    /// <summary>Whether one server holds everything.</summary>
    public bool IsOneServer => pools is [_, { FirstPlace: > 0 }] || pools is [{ SpansServers: false, Servers: 1 }];

    /// <summary>What stands before the instances.</summary>
    public LaunchFront Front
    {
        get
        {
            IReadOnlyList<FrontAddress> Of(PoolRole role) =>
            [
                .. pools.Where(pool => pool.Role == role).SelectMany(pool => pool.Addresses(IsOneServer)).Select((address, index) => new FrontAddress(
                    IsOneServer ? new LaunchWord(address.Host) : new LaunchWord($"${{{ShellScript.VariableOf(address.Host)}}}", Expands: true),
                    address.Host,
                    address.Port,
                    index)),
            ];
            return new LaunchFront(pools[0].FrontPort, Of(PoolRole.Serve), Of(PoolRole.Prefill), Of(PoolRole.Decode));
        }
    }

    /// <summary>What spreads requests, of the engine's own; null where it has nothing, or there is one instance.</summary>
    public LaunchCommand? Router => pools[0].HasFront ? commands.Router(Front) : null;

    /// <summary>Whether a balancer of HTTP spreads requests.</summary>
    public bool HasBalancer => pools[0].HasFront && Router is null;

    /// <summary>Adds the files, by name.</summary>
    public void Fill(IDictionary<string, Action<TextWriter>> files)
    {
        foreach (LaunchPool pool in pools)
        {
            if (commands.Configuration(pool) is { } configuration)
            {
                files[TensorRtCommands.FileOf(pool)] = writer =>
                {
                    writer.WriteLine($"# {commands.Release.Title} {commands.Release.Version}: {pool.Words}");
                    configuration.Content.Write(writer);
                };
            }

            Start(files, pool);
        }

        LaunchFront front = Front;
        foreach ((string name, YamlMap content) in pools[0].HasFront ? commands.RouterFiles(front) : [])
        {
            files[name] = content.Write;
        }

        if (Router is { } router)
        {
            files["start-router.sh"] = writer => ShellScript.WriteRouter(writer, commands.Release, router, front, IsOneServer);
        }

        if (HasBalancer)
        {
            files[BalancerConfiguration.File] = writer => BalancerConfiguration.Write(writer, front);
        }

        Containers(files);
    }

    private void Start(IDictionary<string, Action<TextWriter>> files, LaunchPool pool)
    {
        if (!pool.SpansServers)
        {
            files[$"start{pool.Suffix}.sh"] = writer => Script(writer, pool, pool.PerServer);
            if (pool.OnLastServer > 0)
            {
                files[$"start{pool.Suffix}-last.sh"] = writer => Script(writer, pool, pool.OnLastServer);
            }

            return;
        }

        if (!commands.StartsByPods)
        {
            files[$"start{pool.Suffix}-slurm.sh"] = writer => ShellScript.WriteSlurm(writer, commands, pool, model);
            return;
        }

        for (int node = 0; node < pool.Nodes; node++)
        {
            InstanceNode place = new(node, 0);
            files[$"start{pool.Suffix}-node-{node}.sh"] = writer => ShellScript.WriteNode(writer, commands, pool, place, model);
        }

        files[$"leaderworkerset{pool.Suffix}.yaml"] = writer => PodManifest.Write(writer, commands, pool, model);
    }

    private void Script(TextWriter writer, LaunchPool pool, int instances) => ShellScript.WriteServer(writer, commands, pool, instances, model);

    private void Containers(IDictionary<string, Action<TextWriter>> files)
    {
        if (IsOneServer)
        {
            files["compose.yaml"] = writer => new ComposeFile(commands, model).Write(writer, [.. pools.Select(pool => (pool, pool.PerServer))], this);
            return;
        }

        foreach (LaunchPool pool in pools.Where(pool => !pool.SpansServers))
        {
            files[$"compose{pool.Suffix}.yaml"] = writer => new ComposeFile(commands, model).Write(writer, [(pool, pool.PerServer)], null);
            if (pool.OnLastServer > 0)
            {
                files[$"compose{pool.Suffix}-last.yaml"] = writer => new ComposeFile(commands, model).Write(writer, [(pool, pool.OnLastServer)], null);
            }
        }
    }
}
