using ExistingApp;

using MassTransit;

using TasksBus;

var builder = WebApplication.CreateBuilder(args);
var (rabbitMq, redis) = (builder.Configuration["RabbitMq"], builder.Configuration["Redis"]);
builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.RespectRequiredConstructorParameters = true);

// What the application had before: a bus and a consumer of its own.
builder.Services.AddSingleton<Gallery>();
builder.Services.AddMassTransit(bus =>
{
    bus.AddConsumer<AddToGallery>();
    if (rabbitMq is null)
    {
        bus.UsingInMemory((context, broker) => broker.ConfigureEndpoints(context));
    }
    else
    {
        bus.UsingRabbitMq((context, broker) =>
        {
            broker.Host(new Uri(rabbitMq));
            broker.ConfigureEndpoints(context);
        });
    }
});

// What is new: a task queue, which rides on that bus.
builder.Services.AddTaskQueue(queue =>
{
    queue.AddTask<MakeThumbnailsHandler>();
    queue.Configure(builder.Configuration.GetSection("TasksBus"));
    if (redis is not null)
        queue.UseRedis(redis);
});

var app = builder.Build();

app.MapPost("/photos", async (PhotoUploaded photo, IPublishEndpoint publisher) =>
{
    await publisher.Publish(photo);
    return Results.Accepted();
});
app.MapGet("/photos", (Gallery gallery) => gallery.Photos);

app.MapPost("/thumbnails", async (MakeThumbnails task, IPublishEndpoint publisher) =>
{
    var run = new RunTask<MakeThumbnails>(task);
    await publisher.Publish(run);
    return Results.Accepted($"/runs/{run.RunId}", new { run.RunId });
});

// A run is known here once the bus has delivered it, which is a moment after it was published.
app.MapGet("/runs/{id:guid}", async (Guid id, IRequestClient<GetTaskState> client) =>
{
    var answer = await client.GetResponse<TaskSnapshot>(new GetTaskState(id));
    var run = answer.Message;
    return run.State == TaskState.NotFound
        ? Results.NotFound()
        : Results.Ok(new { run.RunId, State = run.State.ToString(), run.Progress, run.Result, Error = run.Error?.Message });
});

await app.RunAsync();
