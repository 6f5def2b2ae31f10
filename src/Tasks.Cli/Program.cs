using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

using TasksBus.Cli.Supervision;

// No RootCommand: its name would be that of the assembly.
var tasks = new Command("tasks", "Works with TasksBus, a distributed task queue for .NET.") { new HelpOption(), new VersionOption(), SuperviseCommand.Create() };
var parsed = tasks.Parse(args);

// An error says itself what is right; --help has the rest.
if (parsed.Action is ParseErrorAction mistake)
    mistake.ShowHelp = false;

// Without a timeout for the end of the process: each command answers signals in its own way.
return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
