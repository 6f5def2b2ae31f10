using Microsoft.Extensions.DependencyInjection;

namespace TasksBus.Tests;

/// <content>What lives as long as the worker.</content>
public abstract partial class TaskQueueBehaviour
{
    [Fact]
    public async Task Components_start_before_the_first_run_and_stop_after_the_last_in_reverse()
    {
        var steps = new Steps();
        var gate = new Gate();
        await using var queue = await Start(
            queue => queue
                .AddComponent<Model>()
                .AddComponent<Cache>()
                .AddTask(async (Work _) =>
                {
                    await gate.Pass();
                    steps.Take("handler ends", 0);
                }),
            services => services.AddSingleton(steps));
        await queue.Client.Run(new Work());
        await gate.Entered;

        var stop = queue.Stop();
        gate.Open();
        await stop;

        Assert.Equal(["Model starts", "Cache starts", "handler ends", "Cache stops", "Model stops"], steps.Taken);
    }

    [Fact]
    public async Task A_component_that_cannot_start_stops_the_host_and_the_components_before_it()
    {
        var steps = new Steps();

        var error = await Assert.ThrowsAsync<InvalidOperationException>(() => Start(
            queue => queue.AddComponent<Model>().AddComponent<Broken>().AddTask((Work _) => { }),
            services => services.AddSingleton(steps)));

        Assert.Equal("No memory.", error.Message);
        Assert.Equal(["Model starts", "Model stops"], steps.Taken);
    }

    [Fact]
    public async Task A_process_that_is_no_worker_starts_no_component()
    {
        var steps = new Steps();

        await using var queue = await Start(
            queue => queue.Configure(options => options.IsWorker = false).AddComponent<Model>().AddTaskType<Work>(),
            services => services.AddSingleton(steps));

        Assert.Empty(steps.Taken);
    }

    private class Model(Steps steps) : IWorkerComponent
    {
        public Task Start(CancellationToken cancellationToken) => Task.FromResult(steps.Take($"{GetType().Name} starts", 0));

        public Task Stop(CancellationToken cancellationToken) => Task.FromResult(steps.Take($"{GetType().Name} stops", 0));
    }

    private sealed class Cache(Steps steps) : Model(steps);

    private sealed class Broken : IWorkerComponent
    {
        public Task Start(CancellationToken cancellationToken) => throw new InvalidOperationException("No memory.");

        public Task Stop(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
