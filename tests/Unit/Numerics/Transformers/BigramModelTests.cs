using Orchestrator.Numerics.Transformers;
using Orchestrator.Unit.Numerics.Harvest;
using Xunit;

namespace Orchestrator.Unit.Numerics.Transformers;

public class BigramModelTests
{
    [Fact]
    public void Probability_AgreesWithAHandComputation()
    {
        // One window 0 1 0 1 2 (a context of 4 and the token after it), too little to hold any out: D = 0.75 and half
        // continuation. n(0,1) = 2, n(1,0) = 1, n(1,2) = 1.
        var model = BigramModel.Fit(new TokenArray([0, 1, 0, 1, 2]), 4, contextLength: 4, seed: 1, vocabularySize: 3);

        // Lower order of token 2: occurs once in 4, continues one of 3 different pairs, each with 0.5 added.
        const double Two = (0.5 * (1.5 / 5.5)) + (0.5 * (1.5 / 4.5));
        const double One = (0.5 * (2.5 / 5.5)) + (0.5 * (1.5 / 4.5));
        Assert.Equal(((1 - 0.75) + (0.75 * 2 * Two)) / 2, model.Probability(1, 2), 1e-12);
        Assert.Equal(((2 - 0.75) + (0.75 * 1 * One)) / 2, model.Probability(0, 1), 1e-12);
        Assert.Equal(Two, model.Probability(2, 2), 1e-12);
    }

    [Fact]
    public void Probability_SumsToOneForEveryContext()
    {
        var model = BigramModel.Fit(TokenArray.Markov(900, 30, 1), long.MaxValue, 8, seed: 1, vocabularySize: 33);

        for (var context = 0; context < 33; context++)
            Assert.Equal(1, Enumerable.Range(0, 33).Sum(next => model.Probability(context, next)), 1e-9);
    }

    [Fact]
    public void Loss_ApproachesTheEntropyOfABigramSource()
    {
        const int Vocabulary = 20;
        var model = BigramModel.Fit(TokenArray.Markov(60_000, Vocabulary, 1), long.MaxValue, 16, seed: 1, Vocabulary);

        const double Sure = 0.7 + (0.3 / Vocabulary);
        const double Other = 0.3 / Vocabulary;
        var entropy = -(Sure * Math.Log(Sure)) - ((Vocabulary - 1) * Other * Math.Log(Other));
        Assert.Equal(entropy, model.Loss(TokenArray.Markov(60_000, Vocabulary, 2), 60_000, 16), 0.03);
    }

    [Fact]
    public void Loss_MeasuresThePositionsOfTheModelsValidation()
    {
        var model = BigramModel.Fit(TokenArray.Markov(600, 9, 1), long.MaxValue, 6, seed: 1, 9);
        int[] tokens = [1, 2, 3, 4, 5, 6, 7, 8];

        // Two contexts of three: pairs across their border, and the rest, are not predicted.
        var expected = -(Math.Log(model.Probability(1, 2)) + Math.Log(model.Probability(2, 3))
            + Math.Log(model.Probability(4, 5)) + Math.Log(model.Probability(5, 6))) / 4;
        Assert.Equal(expected, model.Loss(new TokenArray(tokens), 8, 3), 1e-12);
    }

    [Fact]
    public void Fit_ImprovesWithTokens()
    {
        var train = TokenArray.Markov(20_000, 50, 1);
        var validation = TokenArray.Markov(5_000, 50, 2);

        Assert.True(
            BigramModel.Fit(train, 20_000, 10, 1, 50).Loss(validation, 5_000, 10)
            < BigramModel.Fit(train, 500, 10, 1, 50).Loss(validation, 5_000, 10));
    }

    [Fact]
    public void Fit_RefusesTokensOutsideTheVocabulary() =>
        Assert.Throws<InvalidDataException>(() => BigramModel.Fit(new TokenArray([0, 1, 2, 9]), 3, 3, 1, 4));
}
