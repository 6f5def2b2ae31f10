using MassTransit;
using MassTransit.Configuration;
using MassTransit.Saga;

using Microsoft.Extensions.DependencyInjection.Extensions;

using TasksBus.Client;
using TasksBus.Configuration;
using TasksBus.Limits;
using TasksBus.Storage;
using TasksBus.Tracking;
using TasksBus.Workflows;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the memory of a task queue, or sagas of an application's own, into Redis.</summary>
public static class RedisTaskQueueExtensions
{
    /// <summary>Keeps runs, their progress and results, and runs that wait, in Redis, where every process sees them.</summary>
    /// <param name="queue">The task queue.</param>
    /// <param name="configuration">
    /// As in <c>host:port,password=…,ssl=true</c>; several addresses, separated by commas, for a cluster. Redis 5 or newer.
    /// </param>
    /// <param name="partitions">
    /// Among how many groups of keys the runs are spread; a cluster keeps each group on one node. 1 to 1,024; the same in every process, for good.
    /// Default: 1, right for a single Redis.
    /// </param>
    /// <exception cref="TasksBus.TaskQueueConfigurationException">The configuration or the number of partitions cannot be used.</exception>
    public static ITaskQueueBuilder UseRedis(this ITaskQueueBuilder queue, string configuration, int partitions = 1)
    {
        ArgumentNullException.ThrowIfNull(queue);
        RedisSagaStore.Check(configuration, partitions);
        queue.Services.TryAddSingleton<RedisConnections>();
        queue.Services.Replace(ServiceDescriptor.Singleton<ISagaStores>(provider => new RedisSagaStores(
            provider.GetRequiredService<RedisConnections>().Get(configuration), provider.GetRequiredService<TasksBus.TaskQueueOptions>().Prefix, partitions)));
        queue.Services.Replace(ServiceDescriptor.Singleton<ILimiter>(provider => new RedisLimiter(
            provider.GetRequiredService<RedisConnections>().Get(configuration), provider.GetRequiredService<TasksBus.TaskQueueOptions>().Prefix)));
        queue.Services.Replace(ServiceDescriptor.Singleton<IWorkflowStore>(provider => new RedisWorkflowStore(
            provider.GetRequiredService<RedisConnections>().Get(configuration), provider.GetRequiredService<TasksBus.TaskQueueOptions>().Prefix, partitions)));
        queue.Services.Replace(ServiceDescriptor.Singleton<ITaskDirectory>(provider => new RedisTaskDirectory(
            provider.GetRequiredService<RedisConnections>().Get(configuration), provider.GetRequiredService<TasksBus.TaskQueueOptions>().Prefix)));
        return queue;
    }

    /// <summary>
    /// Keeps an application's own saga in Redis: no lock, versions compared where they are written, an insert cannot overwrite. A lost race is a
    /// <see cref="ConcurrencyException"/>; let the endpoint retry on it.
    /// </summary>
    /// <param name="saga">The saga, as <c>AddSagaStateMachine</c> or <c>AddSaga</c> return it.</param>
    /// <param name="configuration">As in <c>host:port,password=…,ssl=true</c>.</param>
    /// <param name="mapping">Which indexes hold the saga and how long it lives. Default: none, and for good.</param>
    /// <param name="prefix">How the keys begin. Default: <c>sagas</c>.</param>
    /// <param name="partitions">As for <see cref="UseRedis"/>.</param>
    /// <exception cref="TasksBus.TaskQueueConfigurationException">The configuration or the number of partitions cannot be used.</exception>
    public static ISagaRegistrationConfigurator<TSaga> UseRedisRepository<TSaga>(
        this ISagaRegistrationConfigurator<TSaga> saga, string configuration, SagaMapping<TSaga>? mapping = null, string prefix = "sagas", int partitions = 1)
        where TSaga : class, ISagaVersion
    {
        ArgumentNullException.ThrowIfNull(saga);
        RedisSagaStore.Check(configuration, partitions);
        return saga.Repository(services =>
        {
            services.TryAddSingleton<RedisConnections>();
            services.AddSingleton(provider => new SagaDocuments<TSaga>(
                new RedisSagaStore(provider.GetRequiredService<RedisConnections>().Get(configuration), prefix, typeof(TSaga).Name, partitions),
                mapping ?? new SagaMapping<TSaga>()));
            services.RegisterLoadSagaRepository<TSaga, StoredSagaRepository<TSaga>>();
            services.RegisterSagaRepository<
                TSaga, SagaDocuments<TSaga>, SagaConsumeContextFactory<SagaDocuments<TSaga>, TSaga>, StoredSagaRepository<TSaga>>();
        });
    }
}
