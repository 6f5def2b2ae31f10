namespace TasksBus.Tests.Examples;

/// <summary>Where the files of the repository are, seen from a test that runs.</summary>
internal static class Repository
{
    /// <summary>The folder of the solution.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>Debug or Release, as the tests themselves were built.</summary>
    private static string Configuration { get; } = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;

    /// <summary>The program of an example, built together with the tests.</summary>
    public static string Example(string name) =>
        Path.Combine(Root, "examples", name, "bin", Configuration, Path.GetFileName(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory)), name + ".dll");

    /// <summary>The code blocks of README.md in a language, in their order.</summary>
    /// <param name="language">The language.</param>
    /// <param name="folder">Where it stands. Default: the folder of the solution.</param>
    public static IReadOnlyList<string> ReadmeBlocks(string language, string folder = "") =>
        [.. File.ReadAllText(Path.Combine(Root, folder, "README.md")).Split("```")
            .Where((text, index) => index % 2 == 1 && text.StartsWith(language + "\n", StringComparison.Ordinal))
            .Select(text => text[(language.Length + 1)..])];

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TasksBus.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException($"No TasksBus.sln above {AppContext.BaseDirectory}.");
        return folder.FullName;
    }
}
