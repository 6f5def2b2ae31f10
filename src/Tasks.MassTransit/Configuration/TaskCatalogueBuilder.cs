using System.Reflection;

using Microsoft.Extensions.Configuration;

using TasksBus.Queues;

namespace TasksBus.Configuration;

/// <summary>Settles the options of the queue and of every task, and checks them, once, at start.</summary>
internal static class TaskCatalogueBuilder
{
    private const string TasksSection = "Tasks";

    /// <exception cref="TaskQueueConfigurationException">Something is configured wrongly.</exception>
    public static TaskCatalogue Build(
        IEnumerable<Action<TaskQueueOptions>> configure, IReadOnlyCollection<TaskDeclaration> declarations, IReadOnlyCollection<IConfiguration> sections,
        IReadOnlyCollection<Type> filters, IEnumerable<string> foreignSections)
    {
        var options = new TaskQueueOptions();
        foreach (var action in configure)
            action(options);
        foreach (var section in sections)
            Bind(section, options, [TasksSection, .. foreignSections]);
        SupervisorSettings.Apply(options, Environment.GetEnvironmentVariable);
        OptionsCheck.Validate(options, "The task queue");
        CheckLimits("The task queue", options.TimeLimit, options.HardTimeLimit);
        OptionsCheck.Validate(options.TaskLimit, $"The task queue, {nameof(TaskQueueOptions.TaskLimit)}");
        OptionsCheck.Validate(options.KeyLimit, $"The task queue, {nameof(TaskQueueOptions.KeyLimit)}");
        foreach (var route in options.Routes)
            OptionsCheck.Validate(route, $"The task queue, {nameof(TaskQueueOptions.Routes)}");
        foreach (var (queue, settings) in options.PerQueue)
        {
            OptionsCheck.Validate(settings, $"Queue '{queue}'");
            OptionsCheck.Validate(settings.Limit, $"Queue '{queue}', {nameof(QueueOptions.Limit)}");
        }

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
            Bind(section.GetSection(TasksSection).GetSection(options.Name), options);
        options.Queue ??= QueueRules.QueueFor(options.Name, queue);
        options.Execution ??= queue.Execution;

        OptionsCheck.Validate(options, $"Task '{options.Name}'");
        OptionsCheck.Validate(options.Retry, $"Task '{options.Name}'");
        OptionsCheck.Validate(options.Unique, $"Task '{options.Name}', {nameof(TaskOptions.Unique)}");
        OptionsCheck.Validate(options.Limit, $"Task '{options.Name}', {nameof(TaskOptions.Limit)}");
        OptionsCheck.Validate(options.KeyLimit, $"Task '{options.Name}', {nameof(TaskOptions.KeyLimit)}");
        OptionsCheck.Validate(options.Batch, $"Task '{options.Name}'");
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

    /// <remarks>A batch beyond what the worker takes from the broker at a time would never be full.</remarks>
    private static void CheckBatch(TaskOptions task, TaskQueueOptions queue)
    {
        if (!queue.IsWorker || task.Batch.Size <= queue.Concurrency)
            return;
        throw new TaskQueueConfigurationException(
            $"Task '{task.Name}': {nameof(TaskOptions.Batch)}.{nameof(TaskBatchOptions.Size)} is {task.Batch.Size}, more than the queue's {nameof(TaskQueueOptions.Concurrency)}, {queue.Concurrency}: " +
            $"each run of a batch holds a slot, so it would never be full. Raise {nameof(TaskQueueOptions.Concurrency)}, or make the batch smaller.");
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
        foreach (var section in sections.SelectMany(section => section.GetSection(TasksSection).GetChildren()).Where(section => !names.Contains(section.Key)))
        {
            throw new TaskQueueConfigurationException(
                $"The configuration section '{section.Path}' is about a task that is not registered.{NearMiss.For(section.Key, names)} Register the task or remove the section.");
        }
    }

    private static void Bind(IConfiguration section, object options, params string[] others)
    {
        RefuseUnknownOptions(section, options.GetType(), others);
        try
        {
            section.Bind(options);
        }
        catch (InvalidOperationException exception)
        {
            throw new TaskQueueConfigurationException($"{options.GetType().Name} cannot be read from the configuration: {exception.Message}", exception);
        }
    }

    private static void RefuseUnknownOptions(IConfiguration section, Type options, params string[] others)
    {
        var properties = options.GetProperties().ToDictionary(property => property.Name, property => property.PropertyType, StringComparer.OrdinalIgnoreCase);
        foreach (var other in others)
            properties.Add(other, typeof(object));

        foreach (var entry in section.GetChildren())
        {
            if (!properties.TryGetValue(entry.Key, out var type))
            {
                throw new TaskQueueConfigurationException(
                    $"The configuration entry '{entry.Path}' is no option of {options.Name}.{NearMiss.For(entry.Key, properties.Keys)} Correct its name or remove it.");
            }

            if (type == typeof(RetryOptions) || type == typeof(UniqueOptions) || type == typeof(TaskBatchOptions) || type == typeof(LimitOptions))
                RefuseUnknownOptions(entry, type);
            if (type == typeof(IDictionary<string, QueueOptions>))
            {
                foreach (var queue in entry.GetChildren())
                    RefuseUnknownOptions(queue, typeof(QueueOptions));
            }
        }
    }
}
