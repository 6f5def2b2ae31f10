namespace TasksBus.Tests.Limits;

/// <summary>Arguments that do not take every value, and say so with an exception of their own.</summary>
public record PickyUpload : ITask
{
    public PickyUpload(string tenant)
    {
        if (tenant == "nobody")
            throw new InvalidOperationException("Nobody uploads nothing.");
        Tenant = tenant;
    }

    public string Tenant { get; }
}
