using System.Text.RegularExpressions;

namespace Orchestrator.Abstractions.Analyses;

/// <summary>
/// Regular expressions that somebody writes into a spec: matched in time that grows with the text only, so that none of
/// them can hold up a silo. For this, look-around, back references, atomic groups and counts in the thousands are refused.
/// </summary>
public static class TextPattern
{
    /// <summary>Characters that an expression may have.</summary>
    public const int MaxLength = 1_000;

    /// <summary>Expressions that one option may name.</summary>
    public const int MaxCount = 32;

    /// <summary>The time of one search, after which it throws <see cref="RegexMatchTimeoutException"/>.</summary>
    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(2);

    /// <summary>Makes an expression, .NET's syntax, independent of cultures.</summary>
    /// <exception cref="ArgumentException">It is none, or too long.</exception>
    /// <exception cref="NotSupportedException">It is one, but cannot be matched without backtracking, or not in bounded memory.</exception>
    public static Regex Create(string text)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(text.Length, MaxLength, nameof(text));
        return new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, Timeout);
    }
}
