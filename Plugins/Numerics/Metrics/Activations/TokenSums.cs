namespace Orchestrator.Numerics.Metrics.Activations;

/// <summary>
/// Sums by token id, for one feature: a small hash table while few tokens occur, an array over the vocabulary once that
/// takes no more memory. At most 8 V bytes and, while it grows, as much again.
/// </summary>
internal struct TokenSums
{
    private const int Free = -1;
    private const int FirstPlaces = 8;
    private const uint Golden = 0x9E3779B9;

    private int[]? _ids;    // null: the place is the id
    private double[]? _sums;
    private int _used;

    /// <param name="tokens">Token ids.</param>
    /// <param name="values">What to add to each one's sum, in this order.</param>
    /// <param name="vocabularySize">V.</param>
    /// <exception cref="ArgumentException">An id is outside the vocabulary.</exception>
    public void Add(ReadOnlySpan<int> tokens, ReadOnlySpan<float> values, int vocabularySize)
    {
        if (tokens.IsEmpty) return;
        if (_sums is null) Resize(FirstPlaces, vocabularySize);
        for (var i = 0; i < tokens.Length; i++)
        {
            var token = tokens[i];
            if ((uint)token >= (uint)vocabularySize)
                throw new ArgumentException($"Token id {token} is outside the vocabulary of {vocabularySize}.", nameof(tokens));
            var place = PlaceFor(token, vocabularySize);   // may make a new array
            _sums![place] += values[i];
        }
    }

    /// <summary>The tokens of the greatest sums, greatest first; ties by id, and what is not a number last.</summary>
    /// <param name="count">How many at most.</param>
    public readonly int[] First(int count)
    {
        var first = new List<(double Sum, int Token)>(count + 1);
        for (var place = 0; place < (_sums?.Length ?? 0); place++)
        {
            var entry = (Sum: _sums![place], Token: _ids is null ? place : _ids[place]);
            if (entry.Token == Free || entry.Sum == 0) continue;
            var rank = first.Count;
            while (rank > 0 && Precedes(entry, first[rank - 1])) rank--;
            if (rank >= count) continue;
            first.Insert(rank, entry);
            if (first.Count > count) first.RemoveAt(count);
        }

        return [.. first.Select(entry => entry.Token)];
    }

    private static bool Precedes((double Sum, int Token) entry, (double Sum, int Token) other) =>
        entry.Sum.CompareTo(other.Sum) is var order && (order > 0 || (order == 0 && entry.Token < other.Token));

    /// <summary>A token's place, taken now if it has none yet.</summary>
    private int PlaceFor(int token, int vocabularySize)
    {
        var place = PlaceOf(token);
        if (_ids is null || _ids[place] == token) return place;
        if (2 * ++_used > _ids.Length)
        {
            Resize(2 * _ids.Length, vocabularySize);
            place = PlaceOf(token);
        }

        if (_ids is not null) _ids[place] = token;
        return place;
    }

    /// <summary>Where a token is, or where it may go.</summary>
    private readonly int PlaceOf(int token)
    {
        if (_ids is null) return token;
        var mask = _ids.Length - 1;
        var place = (int)((uint)token * Golden >> 8) & mask;
        while (_ids[place] != token && _ids[place] != Free) place = (place + 1) & mask;
        return place;
    }

    private void Resize(int places, int vocabularySize)
    {
        var (ids, sums) = (_ids, _sums);
        var bytes = (long)places * (sizeof(int) + sizeof(double));
        _ids = bytes < (long)vocabularySize * sizeof(double) ? new int[places] : null;
        _sums = new double[_ids is null ? vocabularySize : places];
        _ids?.AsSpan().Fill(Free);
        for (var place = 0; place < (ids?.Length ?? 0); place++)
        {
            if (ids![place] == Free) continue;
            var to = PlaceOf(ids[place]);
            if (_ids is not null) _ids[to] = ids[place];
            _sums[to] = sums![place];
        }
    }
}
