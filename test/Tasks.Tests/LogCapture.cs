using System.Collections.Concurrent;

using Microsoft.Extensions.Logging;

namespace TasksBus.Tests;

/// <summary>Keeps what is logged.</summary>
internal sealed class LogCapture : ILoggerProvider, ISupportExternalScope
{
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public ConcurrentQueue<LogLine> Lines { get; } = new();

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose()
    {
    }

    private void Keep(string category, LogLevel level, EventId id, string message)
    {
        var scope = new Dictionary<string, object?>(StringComparer.Ordinal);
        _scopes.ForEachScope(
            static (values, all) =>
            {
                foreach (var (name, value) in values as IEnumerable<KeyValuePair<string, object?>> ?? [])
                    all[name] = value;
            },
            scope);
        Lines.Enqueue(new LogLine(category, level, id.Id, message, scope));
    }

    private sealed class Logger(LogCapture capture, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull =>
            capture._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            capture.Keep(category, logLevel, eventId, formatter(state, exception));
    }
}

/// <summary>A line of a log.</summary>
internal sealed record LogLine(string Category, LogLevel Level, int EventId, string Message, IReadOnlyDictionary<string, object?> Scope);
