namespace TasksBus.Workflows;

/// <summary>Where in a workflow something stands, for people.</summary>
internal sealed record Place(Place? Outer, string What, int Number, string Of)
{
    public static Place Whole { get; } = new(null, "the workflow itself", 0, "");

    public override string ToString()
    {
        if (Outer is null)
            return What;
        var here = $"{What} {Number} {Of}";
        return Outer == Whole ? here : $"{here}, in {Outer}";
    }
}
