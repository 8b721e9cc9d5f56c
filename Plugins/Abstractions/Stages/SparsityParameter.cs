using System.Globalization;

namespace Orchestrator.Abstractions.Stages;

/// <summary>Which option of a dictionary decides how sparse it becomes.</summary>
public enum SparsityParameter
{
    /// <summary>λ of an L1 penalty.</summary>
    L1Coefficient,

    /// <summary>λ₀ of an L0 penalty.</summary>
    L0Coefficient,

    /// <summary>The number of active features itself.</summary>
    K,
}

/// <summary>How people read it.</summary>
public static class SparsityParameters
{
    /// <summary><c>λ 0.004</c>, <c>λ₀ 1E-05</c> or <c>k 32</c>.</summary>
    public static string Label(this SparsityParameter parameter, double value)
    {
        var symbol = parameter switch
        {
            SparsityParameter.K => "k",
            SparsityParameter.L0Coefficient => "λ₀",
            _ => "λ",
        };
        return string.Create(CultureInfo.InvariantCulture, $"{symbol} {value}");
    }
}
