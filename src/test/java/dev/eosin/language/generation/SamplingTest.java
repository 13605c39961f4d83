package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Draws follow the probabilities, inside the sets of top-k and top-p, and depend on seed, prompt,
/// sequence and place alone.
class SamplingTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int VOCABULARY = 9;
  private static final ToyScores TOY = new ToyScores(VOCABULARY);
  private static final List<Integer> PROMPT = List.of(4, 2);
  private static final int DRAWS = 4000;

  /// 99.9 % of chi-square at 1 to 8 degrees of freedom.
  private static final double[] LIMITS = {10.83, 13.82, 16.27, 18.47, 20.52, 22.46, 24.32, 26.12};

  private static int[] firstTokens(Search.Sampling sampling) {
    var settings = new GenerationSettings(1, 0, 1, 0, List.of(), sampling);
    int[] counts = new int[VOCABULARY];
    for (GeneratedSequence sequence : generate(settings, List.of(PROMPT), List.of(0L))) {
      counts[sequence.ids().getFirst()]++;
    }
    return counts;
  }

  private static List<GeneratedSequence> generate(
      GenerationSettings settings, List<List<Integer>> prompts, List<Long> numbers) {
    List<Prompt> seen =
        IntStream.range(0, prompts.size())
            .mapToObj(i -> new Prompt(numbers.get(i), prompts.get(i)))
            .toList();
    try (var sequences = new ToySequences(ENGINE, VOCABULARY, TOY::after, prompts)) {
      return new Generator(settings, new EndTokens(List.of(1), 0)).generate(sequences, seen);
    }
  }

  /// The probabilities that the settings leave, computed from the definition.
  private static double[] probabilities(Search.Sampling sampling) {
    float[] scores = TOY.after(PROMPT);
    List<Integer> order =
        IntStream.range(0, VOCABULARY)
            .boxed()
            .sorted((a, b) -> Float.compare(scores[b], scores[a]))
            .toList();
    int most = sampling.topK() == 0 ? VOCABULARY : Math.min(VOCABULARY, sampling.topK());
    double[] shares = new double[VOCABULARY];
    double sum = 0;
    for (int id : order.subList(0, most)) {
      shares[id] = Math.exp(scores[id] / sampling.temperature());
      sum += shares[id];
    }
    double kept = 0;
    double before = 0;
    for (int id : order) {
      double share = shares[id] / sum;
      shares[id] = before < sampling.topP() ? share : 0;
      before += share;
      kept += shares[id];
    }
    for (int id = 0; id < VOCABULARY; id++) {
      shares[id] /= kept;
    }
    return shares;
  }

  @ParameterizedTest
  @CsvSource({
    "1, 0, 1",
    "0.5, 0, 1",
    "3, 0, 1",
    "1, 4, 1",
    "1, 100, 1",
    "1, 0, 0.7",
    "2, 5, 0.8",
    "1, 1, 1",
    "1, 0, 0.000001"
  })
  void drawsFollowTheProbabilities(double temperature, int topK, double topP) {
    var sampling = new Search.Sampling(temperature, topK, topP, DRAWS, 3);
    int[] counts = firstTokens(sampling);
    double[] expected = probabilities(sampling);
    double distance = 0;
    int possible = 0;
    for (int id = 0; id < VOCABULARY; id++) {
      if (expected[id] == 0) {
        assertThat(counts[id]).as("id %d, which is out", id).isZero();
      } else {
        double wanted = DRAWS * expected[id];
        distance += (counts[id] - wanted) * (counts[id] - wanted) / wanted;
        possible++;
      }
    }
    if (possible == 1) {
      assertThat(counts).contains(DRAWS);
    } else {
      assertThat(distance).isLessThan(LIMITS[possible - 2]);
    }
  }

  @Test
  void endsAreNotDrawnBeforeTheMinimumNorSeenIdsAgain() {
    var settings =
        new GenerationSettings(6, 5, 1, 1, List.of(), new Search.Sampling(5, 0, 1, 200, 3));
    for (GeneratedSequence sequence : generate(settings, List.of(PROMPT), List.of(0L))) {
      assertThat(sequence.ids()).doesNotHaveDuplicates().doesNotContainAnyElementsOf(PROMPT);
      assertThat(sequence.ids().subList(0, 5)).doesNotContain(1);
    }
  }

  @Test
  void drawsDependOnSeedPromptSequenceAndPlace() {
    List<List<Integer>> prompts = List.of(PROMPT, PROMPT, PROMPT);
    List<List<Integer>> found = ids(prompts, List.of(7L, 8L, 7L), 5);
    assertThat(found.subList(0, 2)).isEqualTo(found.subList(4, 6));
    assertThat(found.subList(0, 2)).isNotEqualTo(found.subList(2, 4));
    assertThat(ids(List.of(PROMPT), List.of(8L), 5)).isEqualTo(found.subList(2, 4));
    assertThat(ids(List.of(PROMPT), List.of(8L), 6)).isNotEqualTo(found.subList(2, 4));
    Set<List<Integer>> different = new HashSet<>(found);
    assertThat(different).hasSize(4);
  }

  private static List<List<Integer>> ids(
      List<List<Integer>> prompts, List<Long> numbers, long seed) {
    var settings =
        new GenerationSettings(8, 8, 1, 0, List.of(), new Search.Sampling(2, 0, 1, 2, seed));
    return generate(settings, prompts, numbers).stream().map(GeneratedSequence::ids).toList();
  }

  @Test
  void placesOfOneSequenceHaveDrawsOfTheirOwn() {
    int length = 400;
    var settings =
        new GenerationSettings(length, length, 1, 0, List.of(), new Search.Sampling(1, 0, 1, 1, 3));
    int[] counts = new int[VOCABULARY];
    try (var sequences =
        new ToySequences(ENGINE, VOCABULARY, ids -> new float[VOCABULARY], List.of(List.of(4)))) {
      var generator = new Generator(settings, new EndTokens(List.of(), 0));
      for (int id : generator.generate(sequences, List.of(Prompt.unseen(0))).getFirst().ids()) {
        counts[id]++;
      }
    }
    double wanted = (double) length / VOCABULARY;
    double distance = 0;
    for (int count : counts) {
      distance += (count - wanted) * (count - wanted) / wanted;
    }
    assertThat(distance).isLessThan(LIMITS[VOCABULARY - 2]);
    assertThat(Collections.max(IntStream.of(counts).boxed().toList())).isLessThan(length / 2);
  }

  /// Of rows whose likeliest 1,024 ids are enough, and of rows that need all; many scores are
  /// equal.
  @Test
  void ofManyIdsTheSameAreDrawnWhateverTheNeighbours() {
    int vocabulary = 3000;
    ToySequences.Scorer scorer =
        ids -> {
          float[] scores = new ToyScores(vocabulary).after(ids);
          int steepness = ids.getFirst();
          for (int id = 0; id < vocabulary; id++) {
            scores[id] = Math.round(scores[id] * 4) * steepness;
          }
          return scores;
        };
    List<List<Integer>> prompts = List.of(List.of(3), List.of(0), List.of(1), List.of(5));
    var sampling = new Search.Sampling(1, 0, 0.9, 40, 3);
    List<List<Integer>> together = manyIds(vocabulary, scorer, prompts, sampling, 0);
    for (int row = 0; row < prompts.size(); row++) {
      List<List<Integer>> alone =
          manyIds(vocabulary, scorer, List.of(prompts.get(row)), sampling, row);
      assertThat(alone).isEqualTo(together.subList(row * 40, (row + 1) * 40));
    }
    assertThat(together.subList(40, 80).stream().flatMap(List::stream).distinct())
        .hasSizeGreaterThan(100);
    float[] steep = scorer.after(prompts.get(3));
    float best = 0;
    for (float score : steep) {
      best = Math.max(best, score);
    }
    for (List<Integer> ids : together.subList(120, 160)) {
      assertThat(steep[ids.getFirst()]).isEqualTo(best);
    }
  }

  private static List<List<Integer>> manyIds(
      int vocabulary,
      ToySequences.Scorer scorer,
      List<List<Integer>> prompts,
      Search.Sampling sampling,
      int firstNumber) {
    var settings = new GenerationSettings(3, 0, 1, 0, List.of(), sampling);
    List<Prompt> seen =
        IntStream.range(0, prompts.size())
            .mapToObj(row -> Prompt.unseen(firstNumber + row))
            .toList();
    try (var sequences = new ToySequences(ENGINE, vocabulary, scorer, prompts)) {
      return new Generator(settings, new EndTokens(List.of(), 0))
          .generate(sequences, seen).stream().map(GeneratedSequence::ids).toList();
    }
  }
}
