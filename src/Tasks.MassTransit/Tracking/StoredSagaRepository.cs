using MassTransit;
using MassTransit.Context;
using MassTransit.Saga;

namespace TasksBus.Tracking;

/// <summary>
/// MassTransit's saga repository over an <see cref="ISagaStore"/>: no lock, versions compared where they are written, an insert cannot overwrite.
/// A lost race is a <see cref="ConcurrencyException"/>; retry the message on it.
/// </summary>
/// <typeparam name="TSaga">The saga.</typeparam>
public sealed class StoredSagaRepository<TSaga>(SagaDocuments<TSaga> documents)
    : ISagaRepositoryContextFactory<TSaga>, ILoadSagaRepositoryContextFactory<TSaga>
    where TSaga : class, ISagaVersion
{
    /// <inheritdoc/>
    public Task Send<T>(ConsumeContext<T> context, IPipe<SagaRepositoryContext<TSaga, T>> next)
        where T : class =>
        next.Send(new StoredSagaContext<TSaga, T>(documents, context));

    /// <summary>Not supported: sagas are found by their id alone.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public Task SendQuery<T>(ConsumeContext<T> context, ISagaQuery<TSaga> query, IPipe<SagaRepositoryQueryContext<TSaga, T>> next)
        where T : class =>
        throw new NotSupportedException(
            $"{typeof(TSaga).Name} cannot be correlated by an expression: the store finds sagas by their id. Use CorrelateById for {typeof(T).Name}.");

    /// <inheritdoc/>
    public Task<T> Execute<T>(Func<LoadSagaRepositoryContext<TSaga>, Task<T>> asyncMethod, CancellationToken cancellationToken = default)
        where T : class =>
        asyncMethod(new LoadContext(documents, cancellationToken));

    /// <inheritdoc/>
    public void Probe(ProbeContext context) => context.Add("persistence", documents.Store.GetType().Name);

    private sealed class LoadContext(SagaDocuments<TSaga> documents, CancellationToken cancellationToken)
        : MassTransit.Middleware.BasePipeContext(cancellationToken), LoadSagaRepositoryContext<TSaga>
    {
        public async Task<TSaga> Load(Guid correlationId) =>
            (await documents.Load(correlationId, CancellationToken).ConfigureAwait(false))?.Saga!;
    }
}

/// <summary>One message on its way to one saga.</summary>
internal sealed class StoredSagaContext<TSaga, TMessage>(SagaDocuments<TSaga> documents, ConsumeContext<TMessage> context)
    : ConsumeContextScope<TMessage>(context), SagaRepositoryContext<TSaga, TMessage>
    where TSaga : class, ISagaVersion
    where TMessage : class
{
    private readonly ConsumeContext<TMessage> _context = context;
    private SagaDocument<TSaga>? _document;

    public Task<SagaConsumeContext<TSaga, TMessage>> Add(TSaga instance) => Consume(new SagaDocument<TSaga>(instance, version: 0));

    public async Task<SagaConsumeContext<TSaga, TMessage>> Insert(TSaga instance)
    {
        var document = new SagaDocument<TSaga>(instance, version: 0);
        var conflict = await documents.Save(document, cancellationToken: CancellationToken).ConfigureAwait(false);
        if (conflict is null)
            return await Consume(document).ConfigureAwait(false);

        // MassTransit takes null for "it exists" and loads; the refusal brought what is stored, so that load is free.
        _document = conflict.Current;
        return null!;
    }

    public async Task<SagaConsumeContext<TSaga, TMessage>> Load(Guid correlationId)
    {
        var document = _document ?? await documents.Load(correlationId, CancellationToken).ConfigureAwait(false);
        return document is null ? null! : await Consume(document).ConfigureAwait(false);
    }

    public Task Save(SagaConsumeContext<TSaga> context) => Write(context);

    public Task Update(SagaConsumeContext<TSaga> context) => Write(context);

    public async Task Delete(SagaConsumeContext<TSaga> context)
    {
        if (_document!.Version > 0 && !await documents.Store.Remove(context.Saga.CorrelationId, _document.Version, CancellationToken).ConfigureAwait(false))
            throw Lost(context.Saga);
    }

    public Task Discard(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task Undo(SagaConsumeContext<TSaga> context) => Task.CompletedTask;

    public Task<SagaConsumeContext<TSaga, T>> CreateSagaConsumeContext<T>(ConsumeContext<T> consumeContext, TSaga instance, SagaConsumeContextMode mode)
        where T : class =>
        Task.FromResult<SagaConsumeContext<TSaga, T>>(new DefaultSagaConsumeContext<TSaga, T>(consumeContext, instance));

    private Task<SagaConsumeContext<TSaga, TMessage>> Consume(SagaDocument<TSaga> document)
    {
        _document = document;
        return CreateSagaConsumeContext(_context, document.Saga, SagaConsumeContextMode.Load);
    }

    private async Task Write(SagaConsumeContext<TSaga> context)
    {
        if (await documents.Save(_document!, cancellationToken: CancellationToken).ConfigureAwait(false) is not null)
            throw Lost(context.Saga);
    }

    private static ConcurrencyException Lost(TSaga saga) =>
        new("Another message has changed the saga since it was loaded; the message is to be retried.", typeof(TSaga), saga.CorrelationId);
}
