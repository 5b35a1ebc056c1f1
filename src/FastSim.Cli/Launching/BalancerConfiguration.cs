namespace FastSim.Cli.Launching;

/// <summary>A balancer of HTTP before instances of an engine that brings none: nginx's settings.</summary>
internal static class BalancerConfiguration
{
    /// <summary>Name of the file.</summary>
    public const string File = "balancer.conf";

    /// <summary>Writes the settings.</summary>
    /// <param name="writer">Where.</param>
    /// <param name="front">What stands behind it.</param>
    public static void Write(TextWriter writer, LaunchFront front)
    {
        writer.WriteLine("# nginx -c <this file>; put the addresses of the servers in");
        writer.WriteLine("events {}");
        writer.WriteLine("http {");
        writer.WriteLine("  upstream instances {");
        writer.WriteLine("    least_conn;");
        foreach (FrontAddress address in front.Serve)
        {
            writer.WriteLine($"    server {address.Name}:{address.Port};");
        }

        writer.WriteLine("  }");
        writer.WriteLine("  server {");
        writer.WriteLine($"    listen {front.Port};");
        writer.WriteLine("    location / {");
        writer.WriteLine("      proxy_pass http://instances;");

        // Answers come token by token, and may take long.
        writer.WriteLine("      proxy_buffering off;");
        writer.WriteLine("      proxy_read_timeout 3600s;");
        writer.WriteLine("    }");
        writer.WriteLine("  }");
        writer.WriteLine("}");
    }
}
