using System.Security.Cryptography;
using System.Text;

namespace TasksBus.Tracking;

/// <summary>The id of a saga that is known by a name: everybody makes the same one of it.</summary>
internal static class NamedId
{
    public static Guid Of(string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16));
}
