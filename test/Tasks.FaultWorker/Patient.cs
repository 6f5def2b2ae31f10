namespace TasksBus.FaultWorker;

/// <summary>How the tests themselves connect, and what they note with.</summary>
public static class Patient
{
    /// <summary>Takes a server that does not answer at once for a machine that is busy with other things, not for an outage.</summary>
    public static string Redis(string address) => $"{address},connectTimeout=60000,responseTimeout=60000,syncTimeout=60000";
}
