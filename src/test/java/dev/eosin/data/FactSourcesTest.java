package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.Pixels;
import dev.eosin.data.SampleContent.Conversation;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.opened.SampleLeaks;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.settings.SyntheticSettings.FactDrawing;
import dev.eosin.data.settings.SyntheticSettings.Says;
import dev.eosin.data.settings.SyntheticSettings.Split;
import dev.eosin.data.synthetic.Fact;
import dev.eosin.data.synthetic.SyntheticSource;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/// What is said about drawn facts, and that no answer follows from the question's words.
class FactSourcesTest {
  private static final int TILES = 6_000;

  private static SyntheticSettings settings(long samples, Split split, Says says) {
    return new SyntheticSettings(samples, split, new Pixels(24), 5, FactDrawing.INDEPENDENT, says);
  }

  private static Source source(long samples, Split split, Says says) throws Exception {
    return Sources.open(settings(samples, split, says), new ImageDecoder());
  }

  private static QuestionAnswer question(Source source, long index) {
    return (QuestionAnswer) source.get(index).content();
  }

  private static Conversation conversation(Source source, long index) {
    return (Conversation) source.get(index).content();
  }

  @Test
  void everyTileAndFactIsAskedOnceTrulyOnceFalselyAndOnceOpenly() throws Exception {
    Source source = source(200, Split.TRAIN, Says.QUESTIONS);
    Map<String, Set<String>> asked = new HashMap<>();
    Set<String> calcified = new HashSet<>();
    for (int i = 0; i < source.size(); i++) {
      Sample sample = source.get(i);
      QuestionAnswer one = question(source, i);
      String tile = sample.group().orElseThrow();
      assertThat(sample.key()).startsWith(tile + "/");
      String sort = one.kind() == QuestionAnswer.Kind.OPEN ? "open" : one.answer();
      assertThat(asked.computeIfAbsent(tile, none -> new TreeSet<>()))
          .doesNotContain(one.fact().orElseThrow() + " " + sort);
      asked.get(tile).add(one.fact().orElseThrow() + " " + sort);
      if (one.told().orElseThrow().contains("present")) {
        calcified.add(tile);
      }
    }
    assertThat(asked).hasSize(200);
    asked.forEach(
        (tile, sorts) -> {
          Set<String> expected = new TreeSet<>();
          for (Fact fact : Fact.values()) {
            if (fact != Fact.QUADRANT || calcified.contains(tile)) {
              List.of("yes", "no", "open").forEach(s -> expected.add(fact.label() + " " + s));
            }
          }
          assertThat(sorts).isEqualTo(expected);
        });
  }

  /// Within five standard deviations of the fixed draws, for every text.
  @Test
  void noTextTellsItsAnswer() throws Exception {
    Source source = source(TILES, Split.TRAIN, Says.QUESTIONS);
    Map<String, Map<String, Integer>> answers = new TreeMap<>();
    Map<String, String> facts = new HashMap<>();
    for (int i = 0; i < source.size(); i++) {
      QuestionAnswer one = question(source, i);
      answers
          .computeIfAbsent(one.question(), none -> new TreeMap<>())
          .merge(one.answer(), 1, Integer::sum);
      facts.put(one.question(), one.fact().orElseThrow());
    }
    assertThat(answers).hasSizeGreaterThan(50);
    answers.forEach(
        (text, counts) -> {
          boolean closed = counts.containsKey("yes");
          Set<String> expected =
              closed
                  ? Set.of("yes", "no")
                  : Set.copyOf(fact(Objects.requireNonNull(facts.get(text))).words());
          assertThat(counts.keySet()).as(text).isEqualTo(expected);
          int all = counts.values().stream().mapToInt(n -> n).sum();
          double share = 1.0 / counts.size();
          double deviation = Math.sqrt(share * (1 - share) / all);
          counts.forEach(
              (answer, n) ->
                  assertThat(n / (double) all)
                      .as(text + " " + answer)
                      .isCloseTo(share, within(5 * deviation)));
        });
  }

  private static Fact fact(String label) {
    return Arrays.stream(Fact.values())
        .filter(f -> f.label().equals(label))
        .findAny()
        .orElseThrow();
  }

  @Test
  void whatIsToldHasTheAnswerOfEveryQuestion() throws Exception {
    Source source = source(400, Split.TRAIN, Says.QUESTIONS);
    Map<String, Set<String>> openAnswers = new HashMap<>();
    int bare = 0;
    for (int i = 0; i < source.size(); i++) {
      QuestionAnswer one = question(source, i);
      String told = one.told().orElseThrow();
      assertThat(told).matches("facts: [a-z :,]+\\.");
      bare += told.contains(",") ? 0 : 1;
      if (one.kind() == QuestionAnswer.Kind.OPEN) {
        assertThat(told).contains(one.answer());
        openAnswers
            .computeIfAbsent(source.get(i).group().orElseThrow(), none -> new HashSet<>())
            .add(one.answer());
      }
    }
    assertThat(bare / (double) source.size()).isCloseTo(0.1, within(0.02));
    assertThat(openAnswers.values()).allSatisfy(all -> assertThat(all.size()).isBetween(4, 5));
  }

  @Test
  void closedQuestionsSayTheValueThatIsToldOrAnother() throws Exception {
    Source source = source(300, Split.VALIDATION, Says.QUESTIONS);
    for (int i = 0; i < source.size(); i++) {
      QuestionAnswer one = question(source, i);
      if (one.kind() == QuestionAnswer.Kind.CLOSED
          && !one.fact().orElseThrow().equals("quadrant")) {
        Fact fact = fact(one.fact().orElseThrow());
        List<String> said = fact.words().stream().filter(w -> has(one.question(), w)).toList();
        assertThat(said).hasSize(1);
        assertThat(has(one.told().orElseThrow(), said.getFirst()))
            .as(one.toString())
            .isEqualTo(one.answer().equals("yes"));
      }
    }
  }

  private static boolean has(String text, String word) {
    return Pattern.compile("\\b" + word + "\\b").matcher(text).find();
  }

  @Test
  void captionsStateEveryFactThatQuestionsAskFor() throws Exception {
    Source captions = source(100, Split.TRAIN, Says.CAPTIONS);
    Source questions = source(100, Split.TRAIN, Says.QUESTIONS);
    Set<String> distinct = new HashSet<>();
    for (int i = 0; i < questions.size(); i++) {
      QuestionAnswer one = question(questions, i);
      if (one.kind() == QuestionAnswer.Kind.OPEN) {
        String key = questions.get(i).group().orElseThrow();
        Sample tile = captions.get(Long.parseLong(key.substring(key.lastIndexOf('/') + 1)));
        assertThat(tile.key()).isEqualTo(key);
        assertThat(tile.texts()).allMatch(caption -> caption.contains(one.answer()));
        distinct.addAll(tile.texts());
      }
    }
    assertThat(distinct).hasSizeGreaterThan(350);
  }

  @Test
  void findingsStateWhatHasAValueAndTheCalcificationLast() throws Exception {
    Source findings = source(100, Split.TRAIN, Says.FINDINGS);
    Source captions = source(100, Split.TRAIN, Says.CAPTIONS);
    int calcified = 0;
    for (int i = 0; i < 100; i++) {
      Sample tile = findings.get(i);
      boolean present = has(captions.get(i).texts().getFirst(), "present");
      calcified += present ? 1 : 0;
      for (String caption : tile.texts()) {
        List<String> parts = List.of(caption.split(", "));
        assertThat(parts).hasSize(present ? 4 : 3);
        assertThat(
                parts.getLast().matches("calcification present in the (upper|lower) (left|right)"))
            .isEqualTo(present);
        assertThat(has(caption, "absent")).isFalse();
      }
    }
    assertThat(calcified).isBetween(35, 65);
  }

  @Test
  void questionsAndCaptionsAreAboutTheSameTiles() throws Exception {
    Source captions = source(20, Split.TRAIN, Says.CAPTIONS);
    Source questions = source(20, Split.TRAIN, Says.QUESTIONS);
    long last = questions.size() - 1;
    assertThat(questions.place(0)).isEqualTo(captions.place(0));
    assertThat(questions.place(last)).isEqualTo(captions.place(19));
    assertThat(((RgbImage) questions.get(last).image().read()).pixels())
        .isEqualTo(((RgbImage) captions.get(19).image().read()).pixels());
    assertThatThrownBy(() -> questions.get(last + 1)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> questions.get(-1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void trainingAndValidationNeverCoincide() throws Exception {
    for (Says says : List.of(Says.CAPTIONS, Says.QUESTIONS)) {
      assertThat(
              SampleLeaks.of(source(500, Split.TRAIN, says), source(500, Split.VALIDATION, says))
                  .shared())
          .isZero();
    }
    Set<Integer> train = new HashSet<>();
    Set<Integer> validation = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      train.add(pixels(source(200, Split.TRAIN, Says.CAPTIONS), i));
      validation.add(pixels(source(200, Split.VALIDATION, Says.CAPTIONS), i));
    }
    assertThat(train).hasSize(200).doesNotContainAnyElementsOf(validation);
  }

  private static int pixels(Source source, long index) throws Exception {
    return Arrays.hashCode(((RgbImage) source.get(index).image().read()).pixels());
  }

  @Test
  void conversationsTellFactsBeforeTheFirstQuestionAndNeedNoPicture() throws Exception {
    Source source = source(300, Split.TRAIN, Says.CONVERSATIONS);
    Set<String> first = new HashSet<>();
    for (int i = 0; i < source.size(); i++) {
      assertThat(source.get(i).images()).isEmpty();
      List<Turn> turns = conversation(source, i).turns();
      assertThat(turns).hasSize(12);
      for (int turn = 0; turn < turns.size(); turn++) {
        assertThat(turns.get(turn).asks()).isEqualTo(turn % 2 == 0);
        assertThat(turns.get(turn).text().startsWith("facts: ")).isEqualTo(turn == 0);
      }
      String told = turns.getFirst().text();
      told = told.substring(0, told.indexOf('.') + 1);
      first.add(told);
      for (int turn = 1; turn < turns.size(); turn += 2) {
        String answer = turns.get(turn).text();
        assertThat(answer.equals("yes") || answer.equals("no") || told.contains(answer)).isTrue();
      }
    }
    assertThat(first).hasSizeGreaterThan(280);
    assertThat(conversation(source, 3).turns())
        .isEqualTo(conversation(source(300, Split.TRAIN, Says.CONVERSATIONS), 3).turns())
        .isNotEqualTo(conversation(source(300, Split.VALIDATION, Says.CONVERSATIONS), 3).turns());
  }

  /// A byte-level tokenizer merges until its entries are used up: with enough of them, every piece
  /// that it sees becomes one token, whichever pieces are the most frequent.
  @Test
  void everyWordIsOneTokenOfTwoThousand() throws Exception {
    Source source = source(3_000, Split.TRAIN, Says.CONVERSATIONS);
    Set<String> pieces = new TreeSet<>();
    Pattern piece = Pattern.compile(" ?\\p{L}+| ?[^\\s\\p{L}]+");
    for (int i = 0; i < source.size(); i++) {
      for (Turn turn : conversation(source, i).turns()) {
        var found = piece.matcher(turn.text());
        while (found.find()) {
          pieces.add(found.group());
        }
      }
    }
    int merges = pieces.stream().mapToInt(text -> text.length() - 1).sum();
    assertThat(merges).isLessThan(2_000 - 256 - 100);
    for (Fact fact : Fact.values()) {
      for (String words : fact.words()) {
        assertThat(pieces).contains(words.split(" ")[0], " " + words.split(" ")[0]);
      }
    }
  }

  @Test
  void fingerprintsTellWhatIsSaidApart() throws Exception {
    Set<String> fingerprints = new HashSet<>();
    for (Says says : Says.values()) {
      for (Split split : Split.values()) {
        fingerprints.add(source(10, split, says).fingerprint());
      }
    }
    fingerprints.add(
        new SyntheticSource(new SyntheticSettings(10, Split.TRAIN, new Pixels(24), 5))
            .fingerprint());
    assertThat(fingerprints).hasSize(Says.values().length * Split.values().length + 1);
  }

  @Test
  void naturalTilesHaveCaptionsOnly() {
    assertThatThrownBy(
            () ->
                new SyntheticSettings(
                    9, Split.TRAIN, new Pixels(24), 5, FactDrawing.NATURAL, Says.QUESTIONS))
        .hasMessage(
            "says: 'questions' needs to know what is drawn; write facts: independent beside it");
    assertThatThrownBy(() -> settings(10_000_001, Split.TRAIN, Says.QUESTIONS))
        .hasMessage(
            "samples: questions are asked about at most 10,000,000 tiles, found 10,000,001");
  }
}
