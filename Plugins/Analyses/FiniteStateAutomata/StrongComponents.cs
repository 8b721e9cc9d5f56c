namespace Orchestrator.Analyses.FiniteStateAutomata;

/// <summary>Strongly connected components (Tarjan, 1972), without recursion: a chain may be as long as the dictionary.</summary>
internal sealed class StrongComponents
{
    private readonly Func<int, IEnumerable<int>> _successors;
    private readonly Dictionary<int, int> _index = [];
    private readonly Dictionary<int, int> _lowLink = [];
    private readonly Stack<int> _open = [];
    private readonly HashSet<int> _isOpen = [];
    private readonly List<IReadOnlyList<int>> _components = [];

    private StrongComponents(Func<int, IEnumerable<int>> successors) => _successors = successors;

    /// <summary>The components that can be reached from some nodes, each ascending.</summary>
    public static IReadOnlyList<IReadOnlyList<int>> Of(Func<int, IEnumerable<int>> successors, IEnumerable<int> nodes)
    {
        var search = new StrongComponents(successors);
        foreach (var node in nodes)
        {
            if (!search._index.ContainsKey(node))
            {
                search.Visit(node);
            }
        }

        return search._components;
    }

    private void Visit(int root)
    {
        var path = new Stack<(int Node, IEnumerator<int> Successors)>();
        path.Push(Open(root));
        while (path.TryPeek(out var frame))
        {
            if (frame.Successors.MoveNext())
            {
                var successor = frame.Successors.Current;
                if (!_index.TryGetValue(successor, out var index))
                {
                    path.Push(Open(successor));
                }
                else if (_isOpen.Contains(successor))
                {
                    _lowLink[frame.Node] = Math.Min(_lowLink[frame.Node], index);
                }

                continue;
            }

            path.Pop().Successors.Dispose();
            if (path.TryPeek(out var parent))
            {
                _lowLink[parent.Node] = Math.Min(_lowLink[parent.Node], _lowLink[frame.Node]);
            }

            Close(frame.Node);
        }
    }

    private (int Node, IEnumerator<int> Successors) Open(int node)
    {
        _index[node] = _lowLink[node] = _index.Count;
        _open.Push(node);
        _isOpen.Add(node);
        return (node, _successors(node).GetEnumerator());
    }

    private void Close(int node)
    {
        if (_lowLink[node] != _index[node])
        {
            return;
        }

        var component = new List<int>();
        do
        {
            component.Add(_open.Pop());
            _isOpen.Remove(component[^1]);
        }
        while (component[^1] != node);
        component.Sort();
        _components.Add(component);
    }
}
