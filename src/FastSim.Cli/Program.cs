using FastSim.Cli.Commands;

Terminal terminal = Terminal.OfProcess();
AppDomain.CurrentDomain.UnhandledException += (_, fault) =>
{
    // What a thread of its own let through would abort the process with a trace.
    if (fault.ExceptionObject is Exception exception)
    {
        Environment.Exit(CommandLine.Unforeseen(exception, terminal));
    }
};
return CommandLine.Invoke(args, terminal);
