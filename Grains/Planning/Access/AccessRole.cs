using System.Text.Json.Serialization;

namespace Orchestrator.Planning.Access;

/// <summary>What the bearer of a token may do; each role may do all that those before it may.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AccessRole>))]
public enum AccessRole
{
    /// <summary>Look: experiments, features, metrics.</summary>
    [JsonStringEnumMemberName("read")]
    Read,

    /// <summary>Submit, cancel, pause, label.</summary>
    [JsonStringEnumMemberName("submit")]
    Submit,

    /// <summary>Everything: priorities of others, plugins, tokens, the operators' dashboard.</summary>
    [JsonStringEnumMemberName("admin")]
    Admin,
}
