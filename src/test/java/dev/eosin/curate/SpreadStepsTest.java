package dev.eosin.curate;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.rules.CollectionRule;
import dev.eosin.curate.rules.GroupKeys;
import dev.eosin.curate.rules.GroupsRule;
import dev.eosin.curate.rules.KeyedRule;
import dev.eosin.curate.rules.KeyedStep;
import dev.eosin.curate.rules.Likeness;
import dev.eosin.curate.rules.Prepared;
import dev.eosin.curate.rules.SpreadSteps;
import dev.eosin.curate.steps.CurationColumns;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.curate.steps.CurationSettings;
import dev.eosin.curate.steps.CurationStep;
import dev.eosin.curate.steps.CurationStep.Duplicates;
import dev.eosin.curate.steps.CurationStep.Groups;
import dev.eosin.curate.steps.CurationStep.Leak;
import dev.eosin.curate.steps.CurationStep.Leaks;
import dev.eosin.curate.steps.CurationStep.MostLiked;
import dev.eosin.curate.steps.CurationStep.Sameness;
import dev.eosin.curate.steps.CurationStep.Shared;
import dev.eosin.curate.steps.CurationStep.SimilarCaptions;
import dev.eosin.prepare.Row;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Steps that are taken apart find what the rule of all rows finds.
class SpreadStepsTest {
  private static final int ROWS = 600;
  private static final int PARTS = 3;
  private static final String[] WORDS = {
    "nests", "of", "atypical", "cells", "glands", "stroma", "carcinoma", "crypts", "mucosa"
  };
  private static final CurationColumns COLUMNS =
      new CurationColumns(Optional.of("id"), "image", "caption", "group", Optional.of("split"));
  private static final Groups GROUPS =
      new Groups(List.of("patient"), true, Optional.empty(), List.of("", "unknown"));

  private final List<Candidate> rows = rows();

  private static List<Candidate> rows() {
    RandomStream random = new RandomKey(5).stream(Purpose.PREPARATION, 0, 0);
    List<Candidate> rows = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      StringBuilder caption = new StringBuilder();
      int length = 3 + random.nextInt(4);
      for (int word = 0; word < length; word++) {
        caption.append(WORDS[random.nextInt(WORDS.length)]).append(' ');
      }
      ObjectNode content = JsonNodeFactory.instance.objectNode();
      String image = "i%d.png".formatted(random.nextInt(ROWS));
      if (i % 5 == 4) { // a copy of an earlier one
        Candidate copied = rows.get(random.nextInt(i));
        caption.replace(0, caption.length(), copied.caption());
        image = copied.row().content().path("image").textValue();
      }
      content.put("id", "k" + i).put("image", image).put("caption", caption.toString());
      content.put("patient", random.nextInt(2) == 0 ? "unknown" : "P" + random.nextInt(200));
      content.put("split", random.nextInt(4) == 0 ? "test" : "train");
      content.put("parent", random.nextInt(2) == 0 ? "" : "p" + random.nextInt(90));
      content.put("likes", random.nextInt(9));
      rows.add(
          new Candidate(
              i,
              new Row("k" + i, "row " + i, content),
              caption.toString(),
              Optional.of(new Prepared.Image("f" + random.nextInt(ROWS), picture(random))),
              Optional.of("g" + random.nextInt(ROWS))));
    }
    return rows;
  }

  /// One of some pictures, with some bits turned.
  private static List<Long> picture(RandomStream random) {
    RandomStream drawn = new RandomKey(6).stream(Purpose.PREPARATION, 0, random.nextInt(80));
    long first = 2L << random.nextInt(62);
    long turned = first | 2L << random.nextInt(62);
    return LongStream.generate(() -> (drawn.nextLong() & ~1L) ^ turned).limit(8).boxed().toList();
  }

  private static SpreadSteps steps(CurationStep step) {
    var settings =
        new CurationSettings(
            Optional.of(Path.of("rows.jsonl")),
            Optional.empty(),
            Optional.empty(),
            COLUMNS,
            List.of(new CurationStep.Images(new Pixels(1), 100), step),
            CurationSettings.Format.JSONL,
            Optional.empty(),
            5,
            0);
    return new SpreadSteps(settings, ROWS);
  }

  /// What the rule of all rows says, by positions.
  private Map<Integer, String> together(SpreadSteps steps) throws IOException {
    CollectionRule rule = steps.rule(1, CurationModels.none()).orElseThrow();
    if (rule.surveys()) {
      for (Candidate row : rows) {
        rule.survey(row);
      }
    }
    Map<Integer, String> left = new TreeMap<>();
    for (Candidate row : rows) {
      rule.judge(row).ifPresent(detail -> left.put(row.position(), detail));
    }
    return left;
  }

  private static int part(long key) {
    return (int) Long.remainderUnsigned(key, PARTS);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4, 5})
  void rulesOfTheirOwnForPartsOfTheKeysFindWhatOneRuleFinds(int which) throws IOException {
    CurationStep step =
        List.of(
                new MostLiked("parent", "likes", List.of("carcinoma")),
                new Duplicates(Sameness.CAPTION, 4),
                new Duplicates(Sameness.PAIR, 4),
                new Duplicates(Sameness.FILE, 4),
                new Leaks(List.of("test", "train"), List.of(Shared.GROUP), Leak.DROP),
                new Leaks(
                    List.of("test", "train"),
                    List.of(Shared.CAPTION, Shared.GROUP, Shared.FILE, Shared.PICTURE),
                    Leak.DROP))
            .get(which);
    SpreadSteps steps = steps(step);
    KeyedStep keyed = (KeyedStep) steps.spread(1);
    Map<Integer, KeyedRule.Finding> found = new HashMap<>();
    for (int part = 0; part < PARTS; part++) {
      int own = part;
      KeyedRule rule = keyed.rule(key -> part(key) == own);
      List<Candidate> some = new ArrayList<>();
      for (Candidate row : rows) {
        if (rule.keys(row).stream().anyMatch(key -> part(key) == own)) {
          some.add(row);
        }
      }
      assertThat(some).hasSizeBetween(1, ROWS - 1);
      for (Candidate row : rule.surveys() ? some : List.<Candidate>of()) {
        rule.survey(row);
      }
      for (Candidate row : some) {
        rule.find(row)
            .ifPresent(
                one -> found.merge(row.position(), one, (a, b) -> b.order() < a.order() ? b : a));
      }
    }
    Map<Integer, String> left = new TreeMap<>();
    found.forEach((position, one) -> left.put(position, one.detail()));
    assertThat(left).hasSizeBetween(10, ROWS - 10).isEqualTo(together(steps));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1})
  void likeRowsMeetUnderTheKeysThatTheyAskAndLieUnder(int which) throws IOException {
    SpreadSteps steps =
        steps(
            List.of(new SimilarCaptions(new Share(0.4), 1), new Duplicates(Sameness.PICTURE, 4))
                .get(which));
    Likeness likeness = (Likeness) steps.spread(1);
    Map<Long, List<Candidate>> lying = new HashMap<>();
    Map<Integer, String> left = new TreeMap<>();
    for (Candidate row : rows) {
      Optional<int[]> item = likeness.compared(row);
      if (item.isEmpty()) {
        continue;
      }
      Optional<Candidate> first =
          LongStream.of(likeness.asks(item.get()))
              .boxed()
              .flatMap(key -> lying.getOrDefault(key, List.of()).stream())
              .filter(other -> likeness.alike(likeness.compared(other).orElseThrow(), item.get()))
              .min((a, b) -> Integer.compare(a.position(), b.position()));
      if (first.isPresent()) {
        int[] earlier = likeness.compared(first.get()).orElseThrow();
        left.put(row.position(), likeness.detail(earlier, first.get().position(), row));
      } else {
        for (long key : likeness.lies(item.get())) {
          lying.computeIfAbsent(key, unknown -> new ArrayList<>()).add(row);
        }
      }
    }
    assertThat(left).hasSizeBetween(100, ROWS - 10).isEqualTo(together(steps));
  }

  @Test
  void groupsAreJoinedByPairsOfRowsThatShareAKey() throws DataException, IOException {
    SpreadSteps steps = steps(GROUPS);
    GroupKeys keys = (GroupKeys) steps.spread(1);
    GroupsRule joined = (GroupsRule) steps.rule(1, CurationModels.none()).orElseThrow();
    Map<Long, Integer> firsts = new HashMap<>();
    for (Candidate row : rows) {
      for (long key : keys.of(row)) {
        joined.join(firsts.computeIfAbsent(key, unknown -> row.position()), row.position());
      }
    }
    for (Candidate row : rows) {
      if (joined.place(row.position())) {
        joined.name(row.position(), keys.name(row));
      }
    }
    GroupsRule whole = (GroupsRule) steps.rule(1, CurationModels.none()).orElseThrow();
    for (Candidate row : rows) {
      whole.survey(row);
    }
    for (Candidate row : rows) {
      whole.judge(row);
    }
    assertThat(joined.found()).isEqualTo(whole.found());
    assertThat(rows)
        .allSatisfy(
            row -> assertThat(joined.group(row.position())).isEqualTo(whole.group(row.position())));
  }
}
