using Orchestrator.Abstractions;

namespace Orchestrator.Contracts.Features;

/// <summary>The features of one dictionary; the key is its <see cref="DictionaryId"/>. Queries its columnar table.</summary>
[Alias("IFeatureCatalogGrain")]
public interface IFeatureCatalogGrain : IGrainWithStringKey
{
    /// <summary>A page of features, sorted; null where the store has no such dictionary.</summary>
    [Alias("Query")]
    Task<FeaturePage?> Query(FeatureQuery query, CancellationToken cancellationToken);

    /// <summary>One feature's row with its contexts, where a feature-report has been made; null where there is none.</summary>
    [Alias("Find")]
    Task<FeatureDetail?> Find(int index, CancellationToken cancellationToken);

    /// <summary>
    /// An analysis of this dictionary has been published; tables named <c>contexts</c> and <c>closest-neurons</c> in its
    /// artefact are shown with each feature from now on. Durable, idempotent.
    /// </summary>
    [Alias("Attach")]
    Task Attach(StageKey analysis, CancellationToken cancellationToken);
}

/// <summary>One feature; the key is <c>DICTIONARY/INDEX</c>. Keeps what people and analyses add to it.</summary>
[Alias("IFeatureGrain")]
public interface IFeatureGrain : IGrainWithStringKey
{
    /// <summary>Statistics, contexts, logit effects and notes; null where the store has no such feature.</summary>
    [Alias("Get")]
    Task<FeatureView?> Get(CancellationToken cancellationToken);

    /// <summary>Adds a note, durably; notes are never changed.</summary>
    [Alias("AddNote")]
    Task<FeatureNote> AddNote(string author, string text, CancellationToken cancellationToken);
}
