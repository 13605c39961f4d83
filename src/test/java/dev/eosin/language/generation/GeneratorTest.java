package dev.eosin.language.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/// Ends, stop strings, streaming, and what cannot be generated.
class GeneratorTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final int VOCABULARY = 7;
  private static final ToyScores TOY = new ToyScores(VOCABULARY);
  private static final Search BEAMS = new Search.Beams(3, 1, Search.EarlyStopping.LIKELY, 2);
  private static final Search SAMPLING = new Search.Sampling(1, 0, 1, 2, 0);

  /// Id 0 is "a", 1 is "b", ...
  private static String letters(int[] ids) {
    return Arrays.stream(ids)
        .mapToObj(id -> String.valueOf((char) ('a' + id)))
        .collect(Collectors.joining());
  }

  private static ToySequences sequences(ToySequences.Scorer scorer, int rows) {
    List<List<Integer>> prompts = IntStream.range(0, rows).mapToObj(List::of).toList();
    return new ToySequences(ENGINE, VOCABULARY, scorer, prompts);
  }

  private static List<Prompt> prompts(int rows) {
    return IntStream.range(0, rows).mapToObj(Prompt::unseen).toList();
  }

  private static GenerationSettings settings(Search search, String... stop) {
    return new GenerationSettings(12, 0, 1, 0, List.of(stop), search);
  }

  @Test
  void listenersHearWhatTheResultsSay() {
    for (Search search : List.of(new Search.Greedy(), BEAMS, SAMPLING)) {
      Map<List<Integer>, List<Integer>> heard = new HashMap<>();
      List<GeneratedSequence> found;
      try (ToySequences sequences = sequences(TOY::after, 5)) {
        found =
            new Generator(settings(search), new EndTokens(List.of(1, 3), 0))
                .generate(
                    sequences,
                    prompts(5),
                    (prompt, sequence, id) ->
                        heard
                            .computeIfAbsent(List.of(prompt, sequence), key -> new ArrayList<>())
                            .add(id));
      }
      int each = search instanceof Search.Greedy ? 1 : 2;
      assertThat(found).hasSize(5 * each);
      for (int i = 0; i < found.size(); i++) {
        assertThat(found.get(i).prompt()).isEqualTo(i / each);
        assertThat(heard.get(List.of(i / each, i % each))).isEqualTo(found.get(i).ids());
        assertThat(found.get(i).score().isPresent()).isEqualTo(search == BEAMS);
      }
    }
  }

  @Test
  void sequencesEndWithTheirStopString() {
    var stops = new StopStrings(List.of("ff", "cab"));
    int stopped = 0;
    for (Search search : List.of(new Search.Greedy(), BEAMS, SAMPLING)) {
      var generator =
          new Generator(
              settings(search, "f", "ca"), new EndTokens(List.of(1), 0), GeneratorTest::letters);
      try (ToySequences sequences = sequences(TOY::after, 6)) {
        for (GeneratedSequence found : generator.generate(sequences, prompts(6))) {
          String text = letters(found.textIds());
          assertThat(text.substring(0, Math.max(0, text.length() - 1))).doesNotContain("f", "ca");
          if (found.reason() == EndReason.STOP_STRING) {
            assertThat(text).matches(".*(f|ca)");
            assertThat(generator.stops().before(text)).doesNotContain("f", "ca");
            stopped++;
          } else {
            assertThat(generator.stops().before(text)).isEqualTo(text);
          }
        }
      }
    }
    assertThat(stopped).isPositive();
    assertThat(stops.before("abffcab")).isEqualTo("ab");
    assertThat(stops.before("acabff")).isEqualTo("a");
    assertThat(stops.endedIn("fcaf")).isFalse();
  }

  @Test
  void theReasonOfAnEndIsTold() {
    ToySequences.Scorer rising = ids -> one(Math.min(VOCABULARY - 1, ids.size()));
    try (ToySequences sequences = sequences(rising, 1)) {
      GeneratedSequence found =
          new Generator(GenerationSettings.greedy(5), new EndTokens(List.of(3), 0))
              .generate(sequences, prompts(1))
              .getFirst();
      assertThat(found.ids()).containsExactly(1, 2, 3);
      assertThat(found.textIds()).containsExactly(1, 2);
      assertThat(found.reason()).isEqualTo(EndReason.END_ID);
    }
    try (ToySequences sequences = sequences(rising, 1)) {
      GeneratedSequence found =
          new Generator(GenerationSettings.greedy(2), new EndTokens(List.of(3), 0))
              .generate(sequences, prompts(1))
              .getFirst();
      assertThat(found.textIds()).containsExactly(1, 2);
      assertThat(found.reason()).isEqualTo(EndReason.LENGTH);
    }
  }

  private static float[] one(int best) {
    float[] scores = new float[VOCABULARY];
    scores[best] = 9;
    return scores;
  }

  @Test
  void scoresThatAreNoNumbersAreRefused() {
    for (Search search : List.of(new Search.Greedy(), BEAMS, SAMPLING)) {
      ToySequences.Scorer broken =
          ids -> {
            float[] scores = TOY.after(ids);
            if (ids.size() == 3 && ids.getFirst() == 1) {
              scores[4] = Float.NaN;
            }
            return scores;
          };
      try (ToySequences sequences = sequences(broken, 3)) {
        var generator = new Generator(settings(search), new EndTokens(List.of(), 0));
        assertThatThrownBy(() -> generator.generate(sequences, prompts(3)))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage(
                "prompt 1 has no token that may follow its 2 new ones: the rules leave none, or the model's scores are not numbers");
      }
    }
  }

  @Test
  void rulesThatLeaveNothingAreRefused() {
    for (Search search : List.of(new Search.Greedy(), BEAMS, SAMPLING)) {
      var settings = new GenerationSettings(12, 0, 1, 1, List.of(), search);
      try (ToySequences sequences = sequences(TOY::after, 1)) {
        var generator = new Generator(settings, new EndTokens(List.of(), 0));
        assertThatThrownBy(() -> generator.generate(sequences, prompts(1)))
            .hasMessageStartingWith("prompt 0 has no token that may follow its 7 new ones");
      }
    }
  }

  @Test
  void whatDoesNotFitIsRefusedAtOnce() {
    assertThatThrownBy(() -> new Generator(settings(BEAMS, "###"), new EndTokens(List.of(), 0)))
        .hasMessageStartingWith("stop: [###] cannot be found without a decoder");
    var generator = new Generator(settings(BEAMS), new EndTokens(List.of(VOCABULARY), 0));
    try (ToySequences sequences = sequences(TOY::after, 2)) {
      assertThatThrownBy(() -> generator.generate(sequences, prompts(2)))
          .hasMessageStartingWith("the end id 7 is not among the model's 7 ids");
      assertThatThrownBy(() -> generator.generate(sequences, prompts(3)))
          .hasMessage("3 prompts, but the model holds 2 rows");
    }
  }
}
