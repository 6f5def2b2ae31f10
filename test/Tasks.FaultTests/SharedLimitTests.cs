using System.Diagnostics;

using TasksBus.FaultWorker;

using Xunit.Abstractions;

namespace TasksBus.FaultTests;

/// <summary>Limits that several workers share, some of which die.</summary>
public sealed class SharedLimitTests(ITestOutputHelper output)
{
    [Fact]
    public async Task No_more_visitors_than_the_limit_are_ever_in_a_room_and_no_place_stays_taken_while_workers_are_killed()
    {
        var (limit, rooms, visits) = (Scale.Of(3, 7), Scale.Of(10, 100), Scale.Of(60, 200));
        var (workers, kills) = (Scale.Of(2, 4), Scale.Of(2, 10));
        await using var fleet = await Fleet.Start(workers, "--Concurrency", "64");
        var names = Enumerable.Range(0, rooms).Select(room => $"room {room}").ToList();
        var runs = new List<TaskHandle<int>>();
        foreach (var name in names)
            runs.AddRange(await fleet.Client.RunMany(Enumerable.Range(0, visits).Select(index => new Visit(index, name, 100)), Limited(name, limit)));
        var ends = Fleet.EndsOf(runs, TimeSpan.FromMinutes(4));

        for (var kill = 1; kill <= kills; kill++)
        {
            await runs[(runs.Count - visits) * kill / (kills + 1)].Completion(TimeSpan.FromMinutes(4));
            var victim = fleet.Workers[Random.Shared.Next(workers)];
            await victim.Kill();
            await fleet.Replace(victim);
        }

        var states = (await ends).CountBy(end => end.State).ToDictionary();

        // A worker returns its last permits before it ends. One that was killed between an outcome and the return of its permit keeps that for the time of its lease.
        foreach (var worker in fleet.Workers)
            await worker.Stop();
        var stoppedAt = Stopwatch.GetTimestamp();
        IReadOnlyList<LimitSnapshot> limits;
        do
            limits = await Task.WhenAll(names.Select(name => fleet.Limits.Find(LimitTarget.Key(TaskName.Of(typeof(Visit)), name))));
        while (limits.Any(one => one.Running > 0) && Stopwatch.GetElapsedTime(stoppedAt) < new TaskQueueOptions().Lease + TimeSpan.FromSeconds(5));
        var found = await fleet.Ledger.Found();
        output.WriteLine(
            $"{runs.Count} visits to {rooms} rooms for {limit}, {kills} kills: {string.Join(", ", states)}. So many were found in a room: {string.Join(", ", found.OrderBy(pair => pair.Key))}. " +
            $"Left over: {limits.Sum(one => one.Running)} running, {limits.Sum(one => one.Waiting)} waiting.");
        Assert.Equal(runs.Count, states[TaskState.Succeeded]);
        Assert.Equal(limit, found.Keys.Max());
        Assert.All(limits, one => Assert.Equal((0L, 0L), (one.Running, one.Waiting)));
    }

    private static RunOptions Limited(string key, int limit) => new() { LimitKey = key, KeyLimit = new LimitOptions { MaxConcurrent = limit } };
}
