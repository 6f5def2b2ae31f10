using TasksBus.Client;
using TasksBus.Tracking;

namespace TasksBus.Tests.Tracking;

/// <summary>
/// One run in a world of a broker, workers and dispatchers that die, pause and stumble, drawn from a seed. The world keeps count of what is really
/// under way: messages in the queue, attempts in workers, and the run's place in the line of a limit.
/// </summary>
internal sealed class RunSimulation
{
    private readonly Random _random;
    private readonly TrackedRun _run;
    private readonly List<Holder> _workers = [];
    private readonly List<RunSent> _unconfirmed = [];
    private readonly List<string> _story = [];
    private readonly RunMessage _message;
    private int _queued;
    private bool _isInLine;
    private long _highestToken;
    private string? _finalDocument;

    public RunSimulation(int seed, TrackedRun other)
    {
        _run = new TrackedRun(other);
        _random = new Random(seed);
        _message = _run.Message(
            delay: _random.Next(3) == 0 ? TimeSpan.FromSeconds(30) : null,
            expiresIn: _random.Next(3) == 0 ? TimeSpan.FromSeconds(90) : null);
    }

    /// <summary>What has happened so far.</summary>
    public string Story => string.Join(Environment.NewLine, _story);

    public async Task Live(int steps)
    {
        await Submit();
        for (var step = 0; step < steps; step++)
        {
            await Stumble();
            await Check();
        }
    }

    /// <summary>Lets everything go well from here on. If nothing is lost, the run comes to its end.</summary>
    public async Task ComeToAnEnd()
    {
        for (var round = 0; round < 20 && !(await _run.State()).IsFinal(); round++)
        {
            _run.Clock.Advance(TimeSpan.FromMinutes(1));
            if (_workers.Count == 0)
                await _run.LoseHolder();
            await Dispatch(isConfirmed: true);
            await Permit();
            while (_queued > 0)
                await Deliver();
            foreach (var worker in _workers.ToList())
                await End(worker, () => _run.Succeed(worker.Token), "succeeds");
            await Check();
        }

        Assert.True((await _run.State()).IsFinal(), $"The run is lost: it is {await _run.State()} and nobody will ever look at it again.");
    }

    private async Task Submit()
    {
        _story.Add($"submitted, not before {_message.NotBefore:T}, expires at {_message.ExpiresAt:T}");
        var isPublished = _random.Next(2) == 0;
        if (isPublished || _message.NotBefore is null)
            _queued++;
        if (!isPublished || _random.Next(2) == 0)
            await _run.Record(_message);
        else
            await Deliver();
    }

    private Task Stumble() => _random.Next(14) switch
    {
        0 or 1 or 2 => Deliver(),
        3 or 4 => Dispatch(isConfirmed: _random.Next(2) == 0),
        5 => Confirm(),
        6 or 7 => PassTime(),
        8 => WithSomeWorker(EndSomehow),
        9 => WithSomeWorker(Lose),
        10 => TellNonsense(),
        11 => Permit(),
        12 => Replay(),
        _ => _random.Next(5) == 0 ? Tell("revoked", () => _run.Revoke()) : Tell("submission repeated", () => _run.Raise(_run.Machine.Submitted, _message)),
    };

    private async Task Deliver()
    {
        if (_queued == 0)
            return;
        _queued--;
        if (_random.Next(50) == 0)
        {
            await Tell("delivered, and refused", _run.Refuse);
            return;
        }

        if (_random.Next(20) == 0)
        {
            await MissHandler();
            return;
        }

        if (_isInLine || _random.Next(5) == 0)
        {
            await WaitForPermit();
            return;
        }

        var answer = _random.Next(2) == 0 ? await _run.Claim(_message) : await _run.ClaimUnread(_message);
        _story.Add($"delivered: {answer}");
        if (answer != ClaimAnswer.Granted)
            return;

        var token = (await _run.Load()).FencingToken;
        Assert.True(token > _highestToken, $"The fencing token {token} is not higher than {_highestToken}.");
        _highestToken = token;
        _workers.Add(new Holder(token));
    }

    private async Task MissHandler()
    {
        var isDone = await _run.MissHandler(_message);
        _story.Add($"delivered to a worker that has no handler for it; waits for another one or is over: {isDone}");
        if (!isDone)
            await Tell("nobody has a handler for it", _run.Refuse);
    }

    /// <remarks>The run waits without a message: its permit brings it back. A worker that dies in between has not acknowledged the message, which comes again.</remarks>
    private async Task WaitForPermit()
    {
        _isInLine = true;
        var isKnown = _story.Count > 1;
        if (isKnown && _random.Next(10) == 0)
        {
            _story.Add("delivered to a worker that gets it into a line and dies");
            _queued++;
            return;
        }

        _isInLine = await _run.ReachLimit(_message);
        _story.Add($"delivered, and waits for a limit: {_isInLine}");
    }

    private Task Permit()
    {
        if (!_isInLine)
            return Task.CompletedTask;
        _story.Add("gets a permit");
        _isInLine = false;
        _queued++;
        return Task.CompletedTask;
    }

    private async Task Dispatch(bool isConfirmed)
    {
        var due = await _run.Store.TakeDue(_run.Clock.GetUtcNow(), TrackedRun.SendTimeout, limit: 1);
        if (due.Sagas.Count == 0 || !await _run.BecomeDue())
            return;

        _story.Add(isConfirmed ? "dispatched" : "dispatched, not confirmed yet");
        _queued++;
        if (isConfirmed)
            await _run.ConfirmSent();
        else
            _unconfirmed.Add(_run.Unconfirmed!);
    }

    private async Task Confirm()
    {
        if (_unconfirmed.Count == 0)
            return;
        _story.Add("confirmed late");
        await _run.ConfirmSent(_unconfirmed[0]);
        _unconfirmed.RemoveAt(0);
    }

    private async Task PassTime()
    {
        var time = TimeSpan.FromSeconds(_random.Next(1, 30));
        _story.Add($"{time.TotalSeconds} s pass");
        _run.Clock.Advance(time);
        foreach (var worker in _workers)
            await _run.Store.RenewLease(_run.Id, worker.Token, TrackedRun.Lease);
    }

    private Task EndSomehow(Holder worker) => _random.Next(6) switch
    {
        0 => End(worker, () => _run.Succeed(worker.Token), "succeeds"),
        1 => End(worker, () => _run.Fail(worker.Token), "fails"),
        2 => End(worker, () => _run.EndRevoked(worker.Token), "ends revoked"),
        3 => End(worker, () => _run.HandOver(worker.Token, Guid.NewGuid()), "hands over to a workflow"),
        4 => End(worker, () => _run.FailForNow(worker.Token, TimeSpan.FromSeconds(_random.Next(20))), "fails for now"),
        _ => Release(worker),
    };

    private async Task End(Holder worker, Func<Task<bool>> end, string how)
    {
        _workers.Remove(worker);
        _story.Add($"attempt under token {worker.Token} {how}: {await end()}");
    }

    private async Task Release(Holder worker)
    {
        await End(worker, () => _run.Release(worker.Token), "is released");
        if (worker.HasDelivery)
            _queued++;
    }

    /// <summary>The worker dies, or only its connection: then the attempt goes on without its delivery.</summary>
    private Task Lose(Holder worker)
    {
        var isDead = _random.Next(2) == 0;
        _story.Add($"worker with token {worker.Token} {(isDead ? "dies" : "loses its connection")}");
        if (worker.HasDelivery)
            _queued++;
        worker.HasDelivery = false;
        if (isDead)
            _workers.Remove(worker);
        return Task.CompletedTask;
    }

    private async Task Replay()
    {
        await _run.Replay();
        if (_finalDocument is null || (await _run.State()).IsFinal())
            return;
        _story.Add("started over");
        _finalDocument = null;
    }

    private async Task TellNonsense()
    {
        var token = _highestToken + _random.Next(1, 3);
        bool[] accepted = [await _run.Succeed(token), await _run.Fail(token), await _run.FailForNow(0), await _run.Release(token), await _run.EndRevoked(0)];
        Assert.DoesNotContain(true, accepted);
    }

    private Task Tell(string what, Func<Task> tell)
    {
        _story.Add(what);
        return tell();
    }

    private Task WithSomeWorker(Func<Holder, Task> act) => _workers.Count == 0 ? Task.CompletedTask : act(_workers[_random.Next(_workers.Count)]);

    private async Task Check()
    {
        var run = await _run.Load();
        RunRules.Check(run);
        Assert.True(run.FencingToken >= _highestToken, $"The fencing token is {run.FencingToken}, although one of {_highestToken} was granted.");
        if (_finalDocument is not null)
            Assert.Equal(_finalDocument, await _run.LoadDocument());
        else if ((await _run.State()).IsFinal())
            _finalDocument = await _run.LoadDocument();
    }

    /// <summary>A worker that runs an attempt.</summary>
    private sealed class Holder(long token)
    {
        public long Token { get; } = token;

        /// <summary>Whether the broker still waits for its acknowledgement.</summary>
        public bool HasDelivery { get; set; } = true;
    }
}
