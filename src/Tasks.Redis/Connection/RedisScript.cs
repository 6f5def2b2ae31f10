using System.Security.Cryptography;
using System.Text;

namespace TasksBus.Storage;

/// <summary>A Lua script that is sent once to each server, and called by its hash from then on.</summary>
internal sealed class RedisScript
{
    public static readonly RedisScript Load = new("load.lua");
    public static readonly RedisScript Save = new("save.lua");
    public static readonly RedisScript Remove = new("remove.lua");
    public static readonly RedisScript WriteField = new("write-field.lua");
    public static readonly RedisScript RenewLease = new("renew-lease.lua");
    public static readonly RedisScript Count = new("count.lua");
    public static readonly RedisScript List = new("list.lua");
    public static readonly RedisScript TakeDue = new("take-due.lua");
    public static readonly RedisScript RemoveExpired = new("remove-expired.lua");
    public static readonly RedisScript Partitions = new("partitions.lua");
    public static readonly RedisScript AnnounceTasks = new("announce-tasks.lua");
    public static readonly RedisScript ListTasks = new("list-tasks.lua");

    public static readonly RedisScript AcquirePermit = new("limits.lua", "acquire.lua");
    public static readonly RedisScript RenewPermit = new("limits.lua", "renew.lua");
    public static readonly RedisScript ReleasePermit = new("limits.lua", "release.lua");
    public static readonly RedisScript GrantDue = new("limits.lua", "grant-due.lua");
    public static readonly RedisScript SetLimit = new("limits.lua", "set-limit.lua");
    public static readonly RedisScript ListLimits = new("limits.lua", "list-limits.lua");
    public static readonly RedisScript CountLimits = new("limits.lua", "count-limits.lua");

    public static readonly RedisScript WriteNodes = new("write-nodes.lua");
    public static readonly RedisScript EndNode = new("stopped-nodes.lua", "end-node.lua");
    public static readonly RedisScript ReadNodes = new("stopped-nodes.lua", "read-nodes.lua");
    public static readonly RedisScript ListOpenNodes = new("list-open-nodes.lua");
    public static readonly RedisScript CountNodes = new("count-nodes.lua");
    public static readonly RedisScript SetNodeDue = new("set-node-due.lua");
    public static readonly RedisScript GiveToNode = new("give-to-node.lua");
    public static readonly RedisScript ReserveNodes = new("reserve-nodes.lua");
    public static readonly RedisScript AddNodes = new("add-nodes.lua");
    public static readonly RedisScript KeepNodes = new("keep-nodes.lua");
    public static readonly RedisScript SetNodesStopped = new("set-nodes-stopped.lua");

    /// <param name="files">The parts of the script, one after the other.</param>
    private RedisScript(params string[] files)
    {
        Text = string.Concat(files.Select(Read));
#pragma warning disable CA5350 // The hash by which Redis calls scripts is SHA-1, and guards nothing.
        Hash = SHA1.HashData(Encoding.UTF8.GetBytes(Text));
#pragma warning restore CA5350
    }

    /// <summary>The script.</summary>
    public string Text { get; }

    /// <summary>Its name in Redis.</summary>
    public byte[] Hash { get; }

    private static string Read(string file)
    {
        using var reader = new StreamReader(typeof(RedisScript).Assembly.GetManifestResourceStream(file)!);
        return reader.ReadToEnd();
    }
}
