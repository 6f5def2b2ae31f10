namespace TasksBus.Tracking;

/// <summary>Gives each kind of saga a store of its own, all behind one server. Safe to share between threads.</summary>
public interface ISagaStores
{
    /// <summary>The store of a kind: the same one at each call, apart from those of other kinds.</summary>
    /// <param name="kind">A short name, such as <c>run</c> or <c>worker</c>.</param>
    ISagaStore Of(string kind);
}
