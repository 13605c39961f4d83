package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Greedy and beam search against [ReferenceSearch] and against all sequences there are.
class SearchTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int VOCABULARY = 7;
  private static final int PADDING = 0;
  private static final ToyScores TOY = new ToyScores(VOCABULARY);
  private static final int SETTINGS = 150;

  private static ToySequences sequences(List<List<Integer>> prompts) {
    return new ToySequences(ENGINE, VOCABULARY, TOY::after, prompts);
  }

  private static List<GeneratedSequence> generate(
      GenerationSettings settings, List<Integer> ends, List<List<Integer>> prompts) {
    List<Prompt> seen =
        IntStream.range(0, prompts.size()).mapToObj(i -> new Prompt(i, prompts.get(i))).toList();
    try (ToySequences sequences = sequences(prompts)) {
      return new Generator(settings, new EndTokens(ends, PADDING)).generate(sequences, seen);
    }
  }

  private static List<Integer> drawnIds(RandomStream random, int count) {
    return IntStream.range(0, count).mapToObj(i -> random.nextInt(VOCABULARY)).toList();
  }

  private static List<List<Integer>> drawnPrompts(RandomStream random) {
    return IntStream.range(0, 1 + random.nextInt(6))
        .mapToObj(i -> drawnIds(random, 1 + random.nextInt(6)))
        .toList();
  }

  private static GenerationSettings drawnSettings(RandomStream random, Search search) {
    int most = 1 + random.nextInt(10);
    return new GenerationSettings(
        most,
        random.nextInt(most + 1),
        new double[] {1, 1, 0.7, 1.5}[random.nextInt(4)],
        new int[] {0, 0, 2, 3}[random.nextInt(4)],
        List.of(),
        search);
  }

  private static Search.Beams drawnBeams(RandomStream random) {
    int beams = 1 + random.nextInt(6);
    return new Search.Beams(
        beams,
        new double[] {-1, 0, 0.5, 1, 2}[random.nextInt(5)],
        Search.EarlyStopping.values()[random.nextInt(3)],
        1 + random.nextInt(beams));
  }

  private static RandomStream random(int number) {
    return new RandomKey(7).stream(RandomKey.Purpose.BOOTSTRAP, 0, number);
  }

  @Test
  void greedyRowsFollowTheRules() {
    long open = ENGINE.openTensors();
    for (int number = 0; number < SETTINGS; number++) {
      RandomStream random = random(number);
      GenerationSettings settings = drawnSettings(random, new Search.Greedy());
      List<Integer> ends = drawnIds(random, random.nextInt(3));
      List<List<Integer>> prompts = drawnPrompts(random);
      List<GeneratedSequence> found = generate(settings, ends, prompts);
      var reference = new ReferenceSearch(settings, ends, TOY::after);
      for (int row = 0; row < prompts.size(); row++) {
        List<Integer> ids = reference.greedy(prompts.get(row), prompts.get(row));
        assertThat(found.get(row).ids()).as("%s, row %d", settings, row).isEqualTo(ids);
        assertThat(found.get(row).reason())
            .isEqualTo(ends.contains(ids.getLast()) ? EndReason.END_ID : EndReason.LENGTH);
      }
    }
    assertThat(ENGINE.openTensors()).isEqualTo(open);
  }

  @Test
  void beamsFollowTheRules() {
    long open = ENGINE.openTensors();
    for (int number = 0; number < SETTINGS; number++) {
      RandomStream random = random(1000 + number);
      GenerationSettings settings = drawnSettings(random, drawnBeams(random));
      List<Integer> ends = drawnIds(random, random.nextInt(4)).stream().distinct().toList();
      List<List<Integer>> prompts = drawnPrompts(random);
      List<GeneratedSequence> found = generate(settings, ends, prompts);
      var reference = new ReferenceSearch(settings, ends, TOY::after);
      for (int row = 0; row < prompts.size(); row++) {
        int prompt = row;
        List<GeneratedSequence> own = found.stream().filter(s -> s.prompt() == prompt).toList();
        List<ReferenceSearch.Finished> expected =
            reference.beams(prompts.get(row), prompts.get(row));
        assertThat(own.stream().map(GeneratedSequence::ids))
            .as("%s, ends %s, prompt %s", settings, ends, prompts.get(row))
            .isEqualTo(expected.stream().map(ReferenceSearch.Finished::ids).toList());
        for (int i = 0; i < own.size(); i++) {
          assertThat(own.get(i).score().orElseThrow())
              .isCloseTo(expected.get(i).score(), within(1e-5));
        }
      }
    }
    assertThat(ENGINE.openTensors()).isEqualTo(open);
  }

  @Test
  void enoughBeamsFindTheLikeliestOfAllSequences() {
    int length = 3;
    int beams = VOCABULARY * VOCABULARY;
    List<Integer> prompt = List.of(3, 1);
    List<Integer> ends = List.of(2, 5);
    for (double penalty : new double[] {-1, 0, 1}) {
      var search = new Search.Beams(beams, penalty, Search.EarlyStopping.NEVER, 3);
      var settings = new GenerationSettings(length, 0, 1, 0, List.of(), search);
      List<ReferenceSearch.Finished> all = new ArrayList<>();
      enumerate(prompt, List.of(), 0, ends, length, penalty, all);
      all.sort((a, b) -> Double.compare(b.score(), a.score()));
      assertThat(generate(settings, ends, List.of(prompt)).stream().map(GeneratedSequence::ids))
          .isEqualTo(all.stream().limit(3).map(ReferenceSearch.Finished::ids).toList());
    }
  }

  private static void enumerate(
      List<Integer> prompt,
      List<Integer> ids,
      double sum,
      List<Integer> ends,
      int length,
      double penalty,
      List<ReferenceSearch.Finished> all) {
    if (ids.size() == length || !ids.isEmpty() && ends.contains(ids.getLast())) {
      all.add(new ReferenceSearch.Finished(ids, sum / Math.pow(ids.size(), penalty)));
      return;
    }
    List<Integer> context = new ArrayList<>(prompt);
    context.addAll(ids);
    double[] logs = ReferenceSearch.logProbabilities(TOY.after(context));
    for (int id = 0; id < VOCABULARY; id++) {
      List<Integer> longer = new ArrayList<>(ids);
      longer.add(id);
      enumerate(prompt, longer, sum + logs[id], ends, length, penalty, all);
    }
  }

  @Test
  void oneBeamIsGreedy() {
    for (int number = 0; number < 30; number++) {
      RandomStream random = random(2000 + number);
      List<List<Integer>> prompts = drawnPrompts(random);
      List<Integer> ends = List.of(4);
      var one =
          new GenerationSettings(
              9, 2, 1, 2, List.of(), new Search.Beams(1, 1, Search.EarlyStopping.FULL, 1));
      var greedy = new GenerationSettings(9, 2, 1, 2, List.of(), new Search.Greedy());
      assertThat(generate(one, ends, prompts).stream().map(GeneratedSequence::ids))
          .isEqualTo(generate(greedy, ends, prompts).stream().map(GeneratedSequence::ids).toList());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void neighboursChangeNothing(boolean beams) {
    RandomStream random = random(3000);
    List<List<Integer>> prompts =
        IntStream.range(0, 12).mapToObj(i -> drawnIds(random, 1 + random.nextInt(6))).toList();
    Search search =
        beams
            ? new Search.Beams(4, 1, Search.EarlyStopping.LIKELY, 2)
            : new Search.Sampling(1, 0, 1, 3, 11);
    var settings = new GenerationSettings(12, 0, 1.3, 3, List.of(), search);
    List<Integer> ends = List.of(2);
    List<GeneratedSequence> together = generate(settings, ends, prompts);
    for (int row = 0; row < prompts.size(); row++) {
      int place = row;
      var alone = new Generator(settings, new EndTokens(ends, PADDING));
      try (ToySequences sequences = sequences(List.of(prompts.get(row)))) {
        List<GeneratedSequence> own =
            alone.generate(sequences, List.of(new Prompt(row, prompts.get(row))));
        assertThat(own.stream().map(GeneratedSequence::ids))
            .isEqualTo(
                together.stream()
                    .filter(s -> s.prompt() == place)
                    .map(GeneratedSequence::ids)
                    .toList());
      }
    }
  }

  @Test
  void aBatchWhoseRowsEndedShrinks() {
    List<List<Integer>> prompts =
        IntStream.range(0, 8).mapToObj(i -> List.of(i % VOCABULARY, i / VOCABULARY)).toList();
    List<Prompt> seen = Collections.nCopies(8, Prompt.unseen(0));
    var generator = new Generator(GenerationSettings.greedy(40), new EndTokens(List.of(1, 3), 0));
    try (ToySequences sequences = sequences(prompts)) {
      List<GeneratedSequence> found = generator.generate(sequences, seen);
      int longest = found.stream().mapToInt(row -> row.ids().size()).max().orElseThrow();
      int needed = found.stream().mapToInt(row -> row.ids().size()).sum();
      assertThat(needed).isLessThan(longest * 8);
      assertThat(sequences.computedRows())
          .isGreaterThanOrEqualTo(needed)
          .isLessThanOrEqualTo(needed * 4 / 3 + 8)
          .isLessThan(longest * 8);
    }
  }
}
