using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Orchestrator.Planning.Specs.Sweeps;

/// <summary>What random values are drawn from.</summary>
internal sealed class DrawSource
{
    private const int Digits = 4;

    private readonly IReadOnlyList<double>? _choices;
    private readonly double _from;
    private readonly double _to;
    private readonly bool _isLogarithmic;
    private readonly bool _isWhole;

    /// <summary>Each of the choices is as likely.</summary>
    public DrawSource(IReadOnlyList<double> choices) => _choices = choices;

    /// <param name="from">Smallest value; above 0 on a logarithmic scale.</param>
    /// <param name="to">Largest value.</param>
    /// <param name="isLogarithmic">Whether every order of magnitude is as likely, in place of every value.</param>
    /// <param name="isWhole">Whether only whole numbers are drawn.</param>
    public DrawSource(double from, double to, bool isLogarithmic, bool isWhole) =>
        (_from, _to, _isLogarithmic, _isWhole) = (from, to, isLogarithmic, isWhole);

    /// <summary>
    /// The value of a key at a point. It depends on nothing but these, so that another key, or more points, leave it as it
    /// is. Numbers that are not whole have four significant digits: libraries differ in the last bit of a logarithm, and an
    /// address must not.
    /// </summary>
    public double Draw(string key, ulong seed, int point)
    {
        var share = Share(key, seed, point);
        if (_choices is not null)
        {
            return _choices[(int)(share * _choices.Count)];
        }

        var last = _isWhole ? _to + 1 : _to; // whole numbers are rounded down: the last one gets its share too
        var value = _isLogarithmic ? _from * Math.Pow(last / _from, share) : _from + ((last - _from) * share);
        return Math.Clamp(_isWhole ? Math.Floor(value) : Rounded(value), _from, _to);
    }

    /// <summary>From 0, below 1.</summary>
    private static double Share(string key, ulong seed, int point)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"draw/{key}/{seed}/{point}");
        var bits = BinaryPrimitives.ReadUInt64BigEndian(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
        return (bits >> 11) * (1.0 / (1UL << 53));
    }

    private static double Rounded(double value) =>
        double.Parse(value.ToString($"G{Digits}", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);
}
