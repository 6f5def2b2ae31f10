using System.Collections.Concurrent;

using MassTransit;

namespace ExistingApp;

/// <summary>Somebody has uploaded a photo.</summary>
public sealed record PhotoUploaded(string Path);

/// <summary>The photos of this process.</summary>
public sealed class Gallery
{
    private readonly ConcurrentQueue<string> _photos = new();

    public IReadOnlyCollection<string> Photos => _photos;

    public void Add(string path) => _photos.Enqueue(path);
}

/// <summary>The application's own consumer, which knows nothing of tasks.</summary>
public sealed class AddToGallery(Gallery gallery) : IConsumer<PhotoUploaded>
{
    public Task Consume(ConsumeContext<PhotoUploaded> context)
    {
        gallery.Add(context.Message.Path);
        return Task.CompletedTask;
    }
}
