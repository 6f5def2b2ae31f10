using System.Net;
using System.Net.Http.Json;
using System.Text.Json;

namespace TasksBus.Tests.Examples;

public sealed class ExistingAppTests
{
    private const string Listening = "Now listening on: ";
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_published_run_is_accepted_with_its_address_and_found_there_to_its_result()
    {
        await using var app = await App.Start();

        using var accepted = await app.Client.PostAsJsonAsync("/thumbnails", new { Path = "cat.png", Widths = new[] { 100, 200 } });
        var run = await app.EndOf(accepted.Headers.Location!);

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("Succeeded", run.GetProperty("state").GetString());
        Assert.Equal(["cat.100.png", "cat.200.png"], run.GetProperty("result").EnumerateArray().Select(path => path.GetString()));
        Assert.Equal($"/runs/{run.GetProperty("runId").GetGuid()}", accepted.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task A_run_that_nobody_has_submitted_is_not_found()
    {
        await using var app = await App.Start();

        using var answer = await app.Client.GetAsync(new Uri($"/runs/{Guid.NewGuid()}", UriKind.Relative));

        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
    }

    [Fact]
    public async Task The_consumer_that_the_app_had_before_gets_its_messages_as_ever()
    {
        await using var app = await App.Start();

        using var accepted = await app.Client.PostAsJsonAsync("/photos", new { Path = "cat.png" });
        var photos = await app.Get("/photos", photos => photos.GetArrayLength() > 0);

        Assert.Equal(HttpStatusCode.Accepted, accepted.StatusCode);
        Assert.Equal("cat.png", photos[0].GetString());
    }

    [Fact]
    public async Task A_request_without_arguments_is_refused()
    {
        await using var app = await App.Start();

        using var answer = await app.Client.PostAsJsonAsync("/thumbnails", new { Path = "cat.png" });

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task On_RabbitMQ_and_Redis_the_queue_rides_on_the_bus_of_the_app()
    {
        await using var queues = await OwnQueues.Create();
        await using var app = await App.Start(["--rabbitmq", OwnQueues.RabbitMq, "--redis", OwnQueues.Redis], queues);

        using var accepted = await app.Client.PostAsJsonAsync("/thumbnails", new { Path = "cat.png", Widths = new[] { 100 } });
        var run = await app.EndOf(accepted.Headers.Location!);

        Assert.Equal("Succeeded", run.GetProperty("state").GetString());
    }

    /// <summary>The example as a process of its own, on a free port.</summary>
    private sealed class App(RunningProgram program, HttpClient client) : IAsyncDisposable
    {
        public HttpClient Client { get; } = client;

        public static async Task<App> Start(IEnumerable<string>? arguments = null, OwnQueues? queues = null)
        {
            var program = RunningProgram.Dotnet([Repository.Example("ExistingApp"), "--urls", "http://127.0.0.1:0", .. arguments ?? []], environment: queues?.Environment);
            var line = await program.Line(line => line.Contains(Listening, StringComparison.Ordinal), Deadline);
            var address = line[(line.IndexOf(Listening, StringComparison.Ordinal) + Listening.Length)..];
            return new App(program, new HttpClient { BaseAddress = new Uri(address), Timeout = Deadline });
        }

        /// <summary>Asks for a run until it is final.</summary>
        public Task<JsonElement> EndOf(Uri run) => Get(run.OriginalString, answer => Enum.Parse<TaskState>(answer.GetProperty("state").GetString()!).IsFinal());

        /// <summary>Asks until the answer is there: each question is answered by the bus, which is all the waiting there is.</summary>
        public async Task<JsonElement> Get(string path, Func<JsonElement, bool> isThere)
        {
            using var deadline = new CancellationTokenSource(Deadline);
            while (true)
            {
                using var answer = await Client.GetAsync(new Uri(path, UriKind.Relative), deadline.Token);
                if (answer.StatusCode == HttpStatusCode.NotFound)
                    continue;
                var json = await answer.Content.ReadFromJsonAsync<JsonElement>(deadline.Token);
                if (isThere(json))
                    return json;
            }
        }

        public async ValueTask DisposeAsync()
        {
            Client.Dispose();
            await program.DisposeAsync();
        }
    }
}
