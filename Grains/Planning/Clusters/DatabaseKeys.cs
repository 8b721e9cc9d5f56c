using Orchestrator.Planning.Specs.Schema;
using Orchestrator.Planning.Specs.Yaml;

namespace Orchestrator.Planning.Clusters;

/// <summary>The keys of <c>database</c>.</summary>
internal static class DatabaseKeys
{
    private const int DefaultPort = 5_432;
    private const string DefaultName = "orchestrator";
    private static readonly string[] TlsNames = ["verify", "encrypt", "off"];

    public static TextKey Host { get; } = new("host", "Address or name of the PostgreSQL server, or the folder of its Unix socket.") { Required = true };

    public static IntegerKey Port { get; } = new("port", "Port of the server.", 1, ClusterKeys.LastPort) { Default = DefaultPort };

    public static TextKey Name { get; } = new("name", "Name of the database, which holds one cluster.") { Default = DefaultName };

    public static TextKey User { get; } = new("user", "Who connects.") { Default = DefaultName };

    public static TextKey PasswordVariable { get; } = new("password_variable", "Environment variable of every process that holds the password.");

    public static TextKey PasswordFile { get; } = new("password_file", "File that holds the password and nothing else, relative to this file's folder.");

    public static TextKey Tls { get; } = new("tls", "verify: a certificate for the server's name of a trusted authority; encrypt: with whoever answers; off: in clear. Default: off on this machine, else verify.") { Values = TlsNames };

    public static TextKey CertificateAuthority { get; } = new("certificate_authority", "Certificates to trust (PEM), relative to this file's folder; not given: the system's.");

    public static SectionKey Section { get; } = new("database", "PostgreSQL for state and membership, so that the cluster can span hosts; not given: the store's own file, on one machine.",
        Host, Port, Name, User, PasswordVariable, PasswordFile, Tls, CertificateAuthority);

    /// <summary>Null where it is not given, or wrong.</summary>
    /// <param name="root">The whole file.</param>
    /// <param name="folder">What its paths are relative to.</param>
    /// <param name="problems">Gets what is wrong.</param>
    public static DatabaseDefinition? Read(SpecSection root, string folder, SpecProblems problems)
    {
        var section = root.Get(Section);
        if (!root.Gives(Section) || section.Find(Host) is not { } host || !section.TryGet(Port, out var port)
            || section.Find(Name) is not { } name || section.Find(User) is not { } user)
            return null;

        var (variable, file) = (section.Find(PasswordVariable), section.Find(PasswordFile));
        if (variable is not null && file is not null)
            problems.Add(section.NodeOf(PasswordFile)!, "database.password_file: the password is in database.password_variable already", null, "one of them");

        var tls = section.Find(Tls) switch
        {
            "off" => DatabaseTls.Off,
            "encrypt" => DatabaseTls.Encrypt,
            "verify" => DatabaseTls.Verify,
            _ => DatabaseDefinition.IsLocal(host) ? DatabaseTls.Off : DatabaseTls.Verify,
        };
        var authority = section.Find(CertificateAuthority);
        if (authority is not null && tls != DatabaseTls.Verify)
            problems.Add(section.NodeOf(CertificateAuthority)!, "database.certificate_authority: nothing is verified", Shown.Quoted(authority), "only where database.tls is verify");

        return new DatabaseDefinition(host, (int)port, name, user, variable, Full(file), tls, Full(authority));

        string? Full(string? path) => path is null ? null : Path.GetFullPath(path, folder);
    }
}
