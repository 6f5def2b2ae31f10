using System.IO.Compression;
using System.Text.Json;
using System.Xml.Linq;

namespace TasksBus.Tests.Examples;

/// <summary>The packages, and the code of the README, in the hands of somebody who has nothing else of this repository.</summary>
public sealed class PackagingTests : IClassFixture<PackagingTests.Packages>
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(4);
    private readonly Packages _packages;

    public PackagingTests(Packages packages) => _packages = packages;

    [Theory]
    [InlineData("TasksBus.Abstractions")]
    [InlineData("TasksBus.MassTransit")]
    [InlineData("TasksBus.Redis")]
    [InlineData("TasksBus.Scheduling")]
    [InlineData("TasksBus.Testing")]
    public async Task A_package_holds_its_readme_and_its_licence_and_comes_with_its_symbols(string id)
    {
        await using var package = await ZipFile.OpenReadAsync(_packages.PathOf(id, "nupkg"));
        await using var symbols = await ZipFile.OpenReadAsync(_packages.PathOf(id, "snupkg"));
        await using var nuspec = await package.GetEntry($"{id}.nuspec")!.OpenAsync();
        var metadata = XDocument.Load(nuspec).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);

        Assert.Equal("Apache-2.0", Assert.Single(metadata["license"]));
        Assert.Equal("README.md", Assert.Single(metadata["readme"]));
        Assert.NotNull(package.GetEntry("README.md"));
        Assert.NotNull(package.GetEntry($"lib/net10.0/{id}.xml"));
        Assert.NotNull(symbols.GetEntry($"lib/net10.0/{id}.pdb"));
    }

    [Fact]
    public async Task The_code_of_the_README_runs_in_a_fresh_project_with_nothing_but_the_packages()
    {
        var program = Repository.ReadmeBlocks("csharp")[1];

        var end = await RunConsole("console", "TasksBus.MassTransit", program);

        Assert.True(end.Code == 0, string.Join('\n', end.Lines) + end.Errors);
        Assert.Contains(end.Lines, line => line.StartsWith("Running ", StringComparison.Ordinal) && line.EndsWith("/100 tiles", StringComparison.Ordinal));
        Assert.Contains("Succeeded 100/100 tiles", end.Lines);
        Assert.Contains("ResizeResult { Path = 800/a.png, Tiles = 100 }", end.Lines);
    }

    [Fact]
    public async Task The_test_in_the_README_runs_in_a_fresh_project_with_the_package_of_the_harness()
    {
        var test = Repository.ReadmeBlocks("csharp").Single(code => code.Contains("AddTaskQueueTestHarness", StringComparison.Ordinal));

        var end = await RunConsole("harness", "TasksBus.Testing", $"{test}Console.WriteLine(result);");

        Assert.True(end.Code == 0, string.Join('\n', end.Lines) + end.Errors);
        Assert.Equal("ResizeResult { Path = 800/a.png, Tiles = 100 }", end.Lines[^1]);
    }

    private async Task<Ending> RunConsole(string name, string package, string program)
    {
        var project = _packages.NewFolder(name);
        await File.WriteAllTextAsync(Path.Combine(project, $"{name}.csproj"), _packages.ConsoleProject(package));
        await File.WriteAllTextAsync(Path.Combine(project, "Resize.cs"), Repository.ReadmeBlocks("csharp")[0]);
        await File.WriteAllTextAsync(Path.Combine(project, "Program.cs"), program);

        await using var console = RunningProgram.Dotnet(["run"], project);
        return await console.End(Deadline);
    }

    /// <summary>The packages, under a version that nobody has used before: NuGet keeps what it has once seen under a version.</summary>
    public sealed class Packages : IAsyncLifetime
    {
        private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("tasksbus-packages-");
        private readonly string _version = $"0.1.0-test-{Guid.NewGuid():N}";

        public string PathOf(string id, string extension) => Path.Combine(_folder.FullName, "packages", $"{id}.{_version}.{extension}");

        public string NewFolder(string name) => _folder.CreateSubdirectory(name).FullName;

        /// <summary>A project as <c>dotnet new console</c> makes it, with a package of ours.</summary>
        public string ConsoleProject(string package)
        {
            var versions = XDocument.Load(Path.Combine(Repository.Root, "Directory.Packages.props")).Descendants().ToLookup(element => element.Name.LocalName, element => element.Value);
            return $"""
                <Project Sdk="Microsoft.NET.Sdk">
                  <PropertyGroup>
                    <OutputType>Exe</OutputType>
                    <TargetFramework>net10.0</TargetFramework>
                    <ImplicitUsings>enable</ImplicitUsings>
                    <Nullable>enable</Nullable>
                    <NoWarn>$(NoWarn);NU1603</NoWarn>
                  </PropertyGroup>
                  <ItemGroup>
                    <PackageReference Include="{package}" Version="{_version}" />
                    <PackageReference Include="Microsoft.Extensions.Hosting" Version="{versions["ExtensionsVersion"].Single()}" />
                  </ItemGroup>
                </Project>
                """;
        }

        public async Task InitializeAsync()
        {
            // The projects below src, built into a folder of their own, so that no other build is disturbed.
            var solution = Path.Combine(Repository.Root, "TasksBus.sln");
            var projects = Directory.GetFiles(Path.Combine(Repository.Root, "src"), "*.csproj", SearchOption.AllDirectories)
                .Select(file => Path.GetRelativePath(Repository.Root, file).Replace('/', '\\'));
            var filter = new { solution = new { path = solution, projects } };
            var filterPath = Path.Combine(_folder.FullName, "packages.slnf");
            await File.WriteAllTextAsync(filterPath, JsonSerializer.Serialize(filter));
            await File.WriteAllTextAsync(
                Path.Combine(_folder.FullName, "NuGet.config"),
                """<configuration><packageSources><add key="local" value="packages" /></packageSources></configuration>""");

            await using var pack = RunningProgram.Dotnet(
            [
                "pack", filterPath, "--configuration", "Release", "--output", NewFolder("packages"), "--artifacts-path", NewFolder("artifacts"),
                $"-p:Version={_version}", "-p:RunAnalyzers=false", "-p:UseSharedCompilation=false",
            ]);
            var end = await pack.End(Deadline);
            Assert.True(end.Code == 0, string.Join('\n', end.Lines) + end.Errors);
        }

        public Task DisposeAsync()
        {
            var cache = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
                ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
            foreach (var version in Directory.GetDirectories(cache, "tasksbus.*").Select(package => Path.Combine(package, _version)).Where(Directory.Exists))
                Directory.Delete(version, recursive: true);
            _folder.Delete(recursive: true);
            return Task.CompletedTask;
        }
    }
}
