using System.Text;
using FastSim.Cli.Commands;

Console.OutputEncoding = new UTF8Encoding(false);
return CommandLine.Invoke(args, Terminal.OfProcess());
