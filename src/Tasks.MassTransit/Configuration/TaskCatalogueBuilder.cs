using System.Reflection;

using Microsoft.Extensions.Configuration;

using TasksBus.Limits;
using TasksBus.Queues;

namespace TasksBus.Configuration;

/// <summary>Settles the options of the queue and of every task, and checks them, once, at start.</summary>
internal static class TaskCatalogueBuilder
{
    /// <exception cref="TaskQueueConfigurationException">Something is configured wrongly.</exception>
    public static TaskCatalogue Build(
        IEnumerable<Action<TaskQueueOptions>> configure, IReadOnlyCollection<TaskDeclaration> declarations, IReadOnlyCollection<IConfiguration> sections,
        IReadOnlyCollection<Type> filters, IEnumerable<string> foreignSections)
    {
        var options = new TaskQueueOptions();
        foreach (var action in configure)
            action(options);
        foreach (var section in sections)
            OptionsBinding.Bind(section, options, [OptionsBinding.TasksSection, .. foreignSections]);
        SupervisorSettings.Apply(options, Environment.GetEnvironmentVariable);
        OptionsCheck.Validate(options, "The task queue");
        CheckLimits("The task queue", options.TimeLimit, options.HardTimeLimit);
        foreach (var route in options.Routes)
            OptionsCheck.Validate(route, $"The task queue, {nameof(TaskQueueOptions.Routes)}");
        foreach (var (queue, settings) in options.PerQueue)
            OptionsCheck.Validate(settings, $"Queue '{queue}'");

        var tasks = Merge(declarations).Select(declaration => Settle(declaration, options, sections, filters)).ToList();
        RefuseSharedNames(tasks);
        RefuseUnknownTasks(tasks, sections);
        var catalogue = new TaskCatalogue(options, tasks);
        RefuseWrongQueues(catalogue);
        return catalogue;
    }

    private static void RefuseWrongQueues(TaskCatalogue catalogue)
    {
        foreach (var task in catalogue.Tasks)
        {
            if (QueueRules.Fault(task.Queue) is { } fault)
                throw new TaskQueueConfigurationException($"Task '{task.Name}': {fault}");
        }

        if (catalogue.Queues.Select(QueueRules.Fault).FirstOrDefault(fault => fault is not null) is { } wrong)
            throw new TaskQueueConfigurationException($"The task queue: {wrong}");
        foreach (var queue in catalogue.Options.ReadQueues.Concat(catalogue.Options.SkipQueues).Where(queue => !catalogue.Queues.Contains(queue)))
        {
            throw new TaskQueueConfigurationException(
                $"{nameof(TaskQueueOptions.ReadQueues)} or {nameof(TaskQueueOptions.SkipQueues)} names queue '{queue}', which no task of this process has.{NearMiss.For(queue, catalogue.Queues)} " +
                $"Correct it, or add it to {nameof(TaskQueueOptions.Queues)}.");
        }

        if (catalogue.Options is { IsWorker: true, SkipQueues.Count: > 0 } && catalogue.ReadQueues.Count == 0)
        {
            throw new TaskQueueConfigurationException(
                $"{nameof(TaskQueueOptions.SkipQueues)} is '{string.Join("', '", catalogue.Options.SkipQueues)}', which leaves this worker no queue to read. " +
                $"Remove one, or set {nameof(TaskQueueOptions.IsWorker)} = false if this process only submits.");
        }
    }

    /// <remarks>
    /// A task may be registered for submitting and once more with its handler, and a handler by itself and once more with its assembly; two handlers are a mistake.
    /// </remarks>
    private static IEnumerable<TaskDeclaration> Merge(IEnumerable<TaskDeclaration> declarations)
    {
        foreach (var task in declarations.GroupBy(declaration => declaration.ArgumentsType))
        {
            var handled = task.Where(declaration => declaration.Handler is not null)
                .DistinctBy(declaration => (object?)declaration.HandlerType ?? declaration)
                .ToList();
            if (handled.Count > 1)
            {
                throw new TaskQueueConfigurationException(
                    $"Task '{task.Key.FullName}' has {handled.Count} handlers: '{string.Join("' and '", handled.Select(one => one.Handler))}'. A task has one; remove the others.");
            }

            var configure = task.Select(declaration => declaration.Configure).Aggregate((first, second) => first + second);
            yield return (handled.Count == 1 ? handled[0] : task.First()) with { Configure = configure };
        }
    }

    private static TaskRegistration Settle(TaskDeclaration declaration, TaskQueueOptions queue, IEnumerable<IConfiguration> sections, IEnumerable<Type> filters)
    {
        var type = declaration.ArgumentsType;
        if (string.IsNullOrEmpty(type.Namespace))
            throw new TaskQueueConfigurationException($"Task '{type.Name}' is in no namespace, which its name on the bus needs. Move the type into one.");

        var options = new TaskOptions { Name = TaskName.Of(type) };
        DefaultsOf(type)?.ApplyTo(options);
        if (DefaultsOf(declaration.HandlerType) is { } defaults)
        {
            RefuseName(defaults, declaration);
            defaults.ApplyTo(options);
        }

        declaration.Configure?.Invoke(options);
        foreach (var section in sections)
            OptionsBinding.Bind(section.GetSection(OptionsBinding.TasksSection).GetSection(options.Name), options);
        options.Queue ??= QueueRules.QueueFor(options.Name, queue);
        options.Execution ??= queue.Execution;

        OptionsCheck.Validate(options, $"Task '{options.Name}'");
        CheckKey(options, type, nameof(TaskOptions.LimitBy), options.LimitKeyArguments);
        CheckKey(options, type, nameof(TaskOptions.UniqueBy), options.UniqueKeyArguments);
        CheckUnique(options);
        CheckRetry(options);
        CheckLimits($"Task '{options.Name}'", options.TimeLimit ?? queue.TimeLimit, options.HardTimeLimit ?? queue.HardTimeLimit);
        if (declaration.CreateInvoker?.Invoke(queue) is not { } invoker)
            return TaskRegistration.Create(type, options, invoker: null);
        if (invoker.IsBatch)
            CheckBatch(options, queue);
        return TaskRegistration.Create(type, options, HandlerFilters.Around(invoker, type, options, filters));
    }

    private static void CheckLimits(string owner, TimeSpan? soft, TimeSpan? hard)
    {
        if (TimeLimits.Fault(soft, hard) is { } fault)
            throw new TaskQueueConfigurationException($"{owner}: {fault}");
    }

    private static void CheckKey(TaskOptions task, Type arguments, string from, Type? keyed)
    {
        if (keyed?.IsAssignableFrom(arguments) == false)
            throw new TaskQueueConfigurationException($"Task '{task.Name}': {from}<{keyed.Name}> takes the key from a {keyed.Name}, but the task is a {arguments.Name}. Call {from}<{arguments.Name}>.");
    }

    private static void CheckUnique(TaskOptions task)
    {
        if (task.Unique is not { Scope: UniqueScope.None, OnDuplicate: not DuplicateAction.ReturnExisting and var action })
            return;
        var scopes = Enum.GetNames<UniqueScope>().Where(name => name != nameof(UniqueScope.None));
        throw new TaskQueueConfigurationException(
            $"Task '{task.Name}': {nameof(TaskOptions.Unique)}.{nameof(UniqueOptions.OnDuplicate)} is {action}, but {nameof(UniqueOptions.Scope)} is {task.Unique.Scope}, so that no run is a duplicate. " +
            $"Give {nameof(UniqueOptions.Scope)} as well: {string.Join(", ", scopes)}.");
    }

    private static void CheckRetry(TaskOptions task)
    {
        var retry = task.Retry;
        if (retry.Delay > retry.MaxDelay)
        {
            throw new TaskQueueConfigurationException(
                $"Task '{task.Name}': {nameof(TaskOptions.Retry)}.{nameof(RetryOptions.Delay)} is {retry.Delay}, longer than {nameof(RetryOptions.MaxDelay)}, {retry.MaxDelay}, so that no wait would be as long. " +
                $"Raise {nameof(RetryOptions.MaxDelay)}, or give less.");
        }

        if (retry.OnlyOn.Intersect(retry.NeverOn, StringComparer.Ordinal).FirstOrDefault() is { } both)
        {
            throw new TaskQueueConfigurationException(
                $"Task '{task.Name}': '{both}' is in {nameof(RetryOptions.OnlyOn)} and in {nameof(RetryOptions.NeverOn)} of {nameof(TaskOptions.Retry)}. Remove it from one of them.");
        }
    }

    /// <remarks>Each run of a batch holds a slot, and a permit of each limit: a batch of more runs than there are of one would never be full.</remarks>
    private static void CheckBatch(TaskOptions task, TaskQueueOptions queue)
    {
        if (!queue.IsWorker)
            return;
        var own = queue.PerQueue.TryGetValue(task.Queue!, out var settings) ? settings : new QueueOptions();
        var ownName = $"{nameof(TaskQueueOptions.PerQueue)}['{task.Queue}']";
        (string Option, int? Most)[] bounds =
        [
            own.Concurrency is null ? (nameof(TaskQueueOptions.Concurrency), queue.Concurrency) : ($"{ownName}.{nameof(QueueOptions.Concurrency)}", own.Concurrency),
            ($"{ownName}.{nameof(QueueOptions.Limit)}.{nameof(LimitOptions.MaxConcurrent)}", own.Limit.MaxConcurrent),
            ($"{nameof(TaskOptions.Limit)}.{nameof(LimitOptions.MaxConcurrent)}", (task.Limit.ToLimit() ?? queue.TaskLimit.ToLimit())?.MaxConcurrent),
        ];
        if (Array.Find(bounds, bound => task.Batch.Size > bound.Most) is not { Most: { } most } bound)
            return;
        throw new TaskQueueConfigurationException(
            $"Task '{task.Name}': {nameof(TaskOptions.Batch)}.{nameof(TaskBatchOptions.Size)} is {task.Batch.Size}, more than {bound.Option}, {most}, lets run at a time, " +
            "so the batch would never be full. Raise that, or make the batch smaller.");
    }

    private static TaskDefaultsAttribute? DefaultsOf(Type? type) => type?.GetCustomAttribute<TaskDefaultsAttribute>(inherit: false);

    /// <remarks>A process that only submits the task does not know the handler.</remarks>
    private static void RefuseName(TaskDefaultsAttribute handlerDefaults, TaskDeclaration declaration)
    {
        if (handlerDefaults.Name is null)
            return;
        throw new TaskQueueConfigurationException(
            $"Handler '{declaration.HandlerType!.FullName}' names its task '{handlerDefaults.Name}', which callers could not see. " +
            $"Move {nameof(TaskDefaultsAttribute.Name)} to the arguments, '{declaration.ArgumentsType.FullName}'.");
    }

    private static void RefuseSharedNames(IEnumerable<TaskRegistration> tasks)
    {
        foreach (var sharing in tasks.GroupBy(task => task.Name, StringComparer.Ordinal).Where(group => group.Skip(1).Any()))
        {
            throw new TaskQueueConfigurationException(
                $"The name '{sharing.Key}' is that of {sharing.Count()} tasks: '{string.Join("' and '", sharing.Select(task => task.ArgumentsType.FullName))}'. " +
                $"Give each its own {nameof(TaskOptions)}.{nameof(TaskOptions.Name)}.");
        }
    }

    private static void RefuseUnknownTasks(IReadOnlyCollection<TaskRegistration> tasks, IEnumerable<IConfiguration> sections)
    {
        var names = tasks.Select(task => task.Name).ToHashSet(StringComparer.OrdinalIgnoreCase);
        foreach (var section in sections.SelectMany(section => section.GetSection(OptionsBinding.TasksSection).GetChildren()).Where(section => !names.Contains(section.Key)))
        {
            throw new TaskQueueConfigurationException(
                $"The configuration section '{section.Path}' is about a task that is not registered.{NearMiss.For(section.Key, names)} Register the task or remove the section.");
        }
    }
}
