using FastSim.Cli.Configuration;

namespace FastSim.Cli.Launching;

/// <summary>Compose files: the instances of one server, and with them what spreads requests where one server holds everything.</summary>
/// <param name="commands">The engine.</param>
/// <param name="model">What it loads.</param>
internal sealed class ComposeFile(EngineCommands commands, string model)
{
    private const string Mounted = "/launch/";
    private const string BalancerImage = "nginx:stable";
    private const int StackBytes = 64 << 20;

    private static readonly string[] Capabilities = ["gpu"];
    private static readonly string[] LockedMemory = ["IPC_LOCK"];
    private static readonly string[] Cache = ["${HOME}/.cache/huggingface:/root/.cache/huggingface"];

    /// <summary>Writes a file.</summary>
    /// <param name="writer">Where.</param>
    /// <param name="pools">Pools, and how many instances of each.</param>
    /// <param name="whole">The whole plan, where the file holds it.</param>
    public void Write(TextWriter writer, IReadOnlyList<(LaunchPool Pool, int Instances)> pools, LaunchFolder? whole)
    {
        writer.WriteLine($"# {commands.Release.Title}, flags of {commands.Release.Version}; docker compose -f <this file> up");
        YamlMap services = [];
        foreach ((LaunchPool pool, int instances) in pools)
        {
            for (int place = 0; place < instances; place++)
            {
                services.Add($"{(pool.Role == PoolRole.Serve ? "instance" : pool.Suffix[1..])}-{place}", Instance(pool, place));
            }
        }

        if (whole?.Router is { } router)
        {
            string[] files = [.. router.Program.Concat(router.Arguments.Select(word => word.Text)).Where(IsFile)];
            services.Add("router", new YamlMap
            {
                { "image", Image },
                { "entrypoint", router.Program.Select(Inside).ToArray() },
                { "command", router.Arguments.Select(Word).ToArray() },
                { "network_mode", "host" },
                { "volumes", files.Select(Mount).ToArray() },
            });
        }
        else if (whole is { HasBalancer: true })
        {
            services.Add("balancer", new YamlMap
            {
                { "image", BalancerImage },
                { "network_mode", "host" },
                { "volumes", new[] { $"./{BalancerConfiguration.File}:/etc/nginx/nginx.conf:ro" } },
            });
        }

        new YamlMap { { "services", services } }.Write(writer);
    }

    private string Image => $"${{{commands.Release.ImageVariable}:-{commands.Release.Image}}}";

    private YamlMap Instance(LaunchPool pool, int place)
    {
        LaunchCommand command = commands.Instance(pool, new InstanceNode(0, place));
        YamlMap environment = new() { { "HF_TOKEN", "${HF_TOKEN:-}" } };
        foreach ((string name, LaunchWord value) in command.Environment)
        {
            // Compose knows no way to find the host's own address.
            environment.Add(name, value.Expands ? value.Text.Replace("}", ":-127.0.0.1}", StringComparison.Ordinal) : value.Text);
        }

        YamlMap device = new()
        {
            { "driver", "nvidia" },
            { "device_ids", pool.CardsOf(place).Select(card => $"{card}").ToArray() },
            { "capabilities", Capabilities },
        };
        string[] files = [.. command.Arguments.Select(word => word.Text).Where(IsFile)];
        return new YamlMap
        {
            { "image", Image },
            { "entrypoint", commands.EntryPoint.ToArray() },
            { "command", command.Arguments.Select(Word).ToArray() },
            { "ipc", "host" },
            { "network_mode", "host" },
            { "shm_size", "32g" },
            { "cap_add", LockedMemory },
            { "ulimits", new YamlMap { { "memlock", -1 }, { "stack", StackBytes } } },
            { "environment", environment },
            { "volumes", Cache.Concat(files.Select(Mount)).ToArray() },
            { "deploy", new YamlMap { { "resources", new YamlMap { { "reservations", new YamlMap { { "devices", new[] { device } } } } } } } },
        };
    }

    private static bool IsFile(string word) => word.EndsWith(".yaml", StringComparison.Ordinal) || word.EndsWith(".py", StringComparison.Ordinal);

    private static string Mount(string file) => $"./{file}:{Mounted}{file}:ro";

    private static string Inside(string word) => IsFile(word) ? Mounted + word : word;

    /// <summary>A word of a command; compose would take a dollar sign for a variable.</summary>
    private string Word(LaunchWord word) =>
        word == EngineCommands.Model ? OneLine.Of(model).Replace("$", "$$", StringComparison.Ordinal) : Inside(word.Text);
}
