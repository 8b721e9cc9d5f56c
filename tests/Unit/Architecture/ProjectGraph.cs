using System.Xml.Linq;

namespace Orchestrator.Unit.Architecture;

/// <summary>The projects of the repository and what they reference, read from their project files.</summary>
internal sealed class ProjectGraph
{
    private readonly Dictionary<string, Project> _projects;

    private ProjectGraph(IEnumerable<Project> projects) => _projects = projects.ToDictionary(project => project.Name);

    public IEnumerable<string> Names => _projects.Keys;

    public static ProjectGraph Read(string root)
    {
        var files = Directory.EnumerateFiles(root, "*.csproj", SearchOption.AllDirectories)
            .Where(path => !Path.GetRelativePath(root, path).StartsWith("artifacts", StringComparison.Ordinal));
        return new ProjectGraph(files.Select(ReadProject));
    }

    /// <summary>Projects and packages that a project compiles against, directly or through others.</summary>
    public IReadOnlySet<string> Reaches(string project)
    {
        var reached = new HashSet<string>();
        var open = new Stack<string>([project]);
        while (open.TryPop(out var name))
        {
            foreach (var reference in _projects.TryGetValue(name, out var found) ? found.References : [])
            {
                if (reached.Add(reference))
                {
                    open.Push(reference);
                }
            }
        }

        return reached;
    }

    private static Project ReadProject(string path)
    {
        // Analyses get their one reference from the props file of their folder.
        var inherited = Path.Combine(Path.GetDirectoryName(path)!, "..", "Directory.Build.props");
        string[] files = path.Contains("Analyses", StringComparison.Ordinal) && File.Exists(inherited) ? [path, inherited] : [path];
        var references = files.SelectMany(file => XDocument.Load(file).Descendants()
            .Where(element => element.Name.LocalName is "ProjectReference" or "PackageReference")
            .Where(element => (string?)element.Attribute("ReferenceOutputAssembly") != "false")
            .Select(element => (string?)element.Attribute("Include") ?? "")
            .Select(include => include.EndsWith(".csproj", StringComparison.Ordinal) ? Path.GetFileNameWithoutExtension(include) : include));
        return new Project(Path.GetFileNameWithoutExtension(path), [.. references]);
    }

    private sealed record Project(string Name, IReadOnlyList<string> References);
}
