using System.CommandLine;

using TasksBus.Benchmarks;
using TasksBus.Benchmarks.Workloads;

var embedded = new Option<bool>("--embedded") { Description = "In one process, with nothing else." };
var rabbitMq = new Option<string?>("--rabbitmq") { Description = "As in amqp://guest:guest@127.0.0.1:5672." };
var redis = new Option<string?>("--redis") { Description = "As in 127.0.0.1:6379." };
var number = new Option<int?>("--n") { Description = "How many runs; each workload has its own default." };
var concurrency = new Option<int>("--concurrency") { Description = "Attempts at a time in the worker.", DefaultValueFactory = _ => 128 };
var interval = new Option<double>("--progress-interval") { Description = "Milliseconds between two writes of an attempt's progress; 0 writes each.", DefaultValueFactory = _ => 100 };
var keys = new Option<int>("--keys") { Description = "Spreads the runs over so many keys, each with a limit of 7 attempts at a time; 0: no limit." };
var prefix = new Option<string>("--prefix") { Hidden = true, DefaultValueFactory = _ => "bench-" + Guid.NewGuid().ToString("N")[..8] };

var root = new RootCommand("Measures the task queue. Each metric is one line of JSON on standard output.") { embedded, rabbitMq, redis, number, concurrency, interval, keys, prefix };
foreach (var option in root.Options)
    option.Recursive = true;

Add("throughput", "No-op add(x, y), results kept and checked: backlog, then steady.", async bench =>
{
    await Throughput.Backlog(bench);
    await Throughput.Steady(bench);
});
Add("backlog", "The first half of throughput.", Throughput.Backlog);
Add("steady", "The second half of throughput.", Throughput.Steady);
Add("latency", "Sequential submit-and-await round trips.", Latency.Measure);
Add("progress", "Runs that report their progress 20 times, followed by one watcher each.", Progress.Measure);
Add("slots", "Runs under a limit of one at a time: how long the slot stays free between two of them.", Slots.Measure);
Add("schedules", "10,000 schedules with 1,000 occurrences a second: how late each is submitted.", Schedules.Measure);
Add("worker", "The other side of the workloads, in a process of its own.", BenchWorker.Work, hidden: true);
return await root.Parse(args).InvokeAsync();

void Add(string name, string description, Func<Bench, Task> measure, bool hidden = false)
{
    var command = new Command(name, description) { Hidden = hidden };
    command.SetAction(async parsed =>
    {
        if (!parsed.GetValue(embedded) && (parsed.GetValue(rabbitMq) is null || parsed.GetValue(redis) is null))
        {
            await Console.Error.WriteLineAsync("Say where to measure: --embedded, or --rabbitmq <uri> and --redis <address>.");
            return 2;
        }

        await measure(new Bench(
            parsed.GetValue(embedded) ? null : new Servers(parsed.GetValue(rabbitMq)!, parsed.GetValue(redis)!),
            parsed.GetValue(number), parsed.GetValue(concurrency), TimeSpan.FromMilliseconds(parsed.GetValue(interval)), parsed.GetValue(keys), parsed.GetValue(prefix)!));
        return 0;
    });
    root.Add(command);
}
