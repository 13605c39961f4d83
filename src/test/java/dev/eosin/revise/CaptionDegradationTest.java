package dev.eosin.revise;

import static dev.eosin.revise.ReviseFixture.TABLE;
import static dev.eosin.revise.ReviseFixture.degrade;
import static dev.eosin.revise.ReviseFixture.json;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Captions that rules degrade.
class CaptionDegradationTest {
  private static final String DRAWN =
      "captions: { type: data, source: { type: synthetic, facts: independent, says: findings,"
          + " samples: %d, tile: 32 px } }\n"
          + "lexicon: drawn-findings\n";

  @TempDir private Path folder;

  private static CaptionDegradation degradation(String yaml) throws DataException {
    return new CaptionDegradation(degrade(yaml), new RandomKey(7), Optional.empty());
  }

  private PreparationReport make(String yaml) throws DataException {
    return ReviseFixture.run(folder, degradation(yaml));
  }

  private List<DegradedRow> rows() throws DataException {
    return DegradedRow.read(folder.resolve(DegradedRow.FILE));
  }

  @Test
  void rowsThatCannotBeDegradedAreLeftOutWhetherTheyWouldBeOrNot() throws IOException {
    PreparationReport report = make(TABLE);
    assertThat(report.funnel().rejected())
        .containsEntry("no-caption", 1L)
        .containsEntry("too-few-terms", 1L)
        .containsEntry("too-few-statements", 1L);
    assertThat(rows()).hasSize(9).allMatch(row -> row.image().equals(row.id() + ".png"));
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains("9 of 12 rows are kept", "Left out, too-few-terms: 1", rows().get(1).corrupted());
    assertThat(rows().getFirst().target()).startsWith("The breast shows invasive carcinoma.");

    // The others do not depend on the share that is left as it is.
    Path all = Files.createDirectory(folder.resolve("all"));
    ReviseFixture.run(all, degradation(TABLE + "clean: 0\n"));
    assertThat(DegradedRow.read(all.resolve(DegradedRow.FILE)))
        .extracting(DegradedRow::id)
        .containsExactlyElementsOf(rows().stream().map(DegradedRow::id).toList());
  }

  /// What a kill leaves is tested where a language model is asked, which takes its time.
  @Test
  void theSameBytesComeOutAfterALedgerThatWasCut() throws IOException {
    make(TABLE);
    Path cut = Files.createDirectory(folder.resolve("cut"));
    List<String> ledger = Files.readAllLines(folder.resolve("ledger.jsonl"));
    Files.writeString(cut.resolve("ledger.jsonl"), String.join("\n", ledger.subList(0, 5)) + "\n");
    ReviseFixture.run(cut, degradation(TABLE));
    for (String file : List.of(DegradedRow.FILE, "degraded.json", "degraded.html")) {
      assertThat(cut.resolve(file)).hasSameBinaryContentAs(folder.resolve(file));
    }
  }

  /// Whole captions, not only their words, are as likely degraded as clean: nothing that looks at
  /// captions alone can learn anything.
  @Test
  void degradedCaptionsOfTheDrawnWorldAreDistributedAsCleanOnes() throws IOException {
    make(DRAWN.formatted(8_000));
    Map<List<String>, int[]> counts = new HashMap<>();
    int[] all = new int[2];
    for (DegradedRow row : rows()) {
      int side = row.operations().edits().isEmpty() ? 0 : 1;
      counts.computeIfAbsent(shape(row.corrupted()), _ -> new int[2])[side]++;
      all[side]++;
    }
    assertThat(all[0]).isBetween(2_550, 2_790);
    // Pearson's statistic for the same distribution on both sides, of cells that are often enough.
    double statistic = 0;
    int cells = 0;
    for (int[] cell : counts.values()) {
      double expected = (cell[0] + cell[1]) * (double) all[1] / (all[0] + all[1]);
      double other = cell[0] + cell[1] - expected;
      statistic += Math.pow(cell[1] - expected, 2) * (1 / expected + 1 / other);
      cells++;
    }
    assertThat(cells).isEqualTo(9 * 3 * 3 * 5);
    assertThat(statistic).isLessThan(cells - 1 + 4 * Math.sqrt(2.0 * (cells - 1)));

    JsonNode leak = json(folder.resolve("degraded.json")).path("leak");
    assertThat(leak.path("held-out").asInt()).isGreaterThan(3_700);
    assertThat(leak.path("auc").asDouble()).isBetween(0.47, 0.53);
  }

  /// What a caption states, whatever the words around it and the order.
  private static List<String> shape(String caption) {
    List<String> values = new ArrayList<>();
    for (String part : caption.split(", ")) {
      values.add(
          part.replaceAll("(^the |^)(tissue|density|stain)( is|:) ?", "")
              .replaceAll(" (tissue|cells|stain)$", "")
              .replaceAll("^calcification present in the ", ""));
    }
    values.sort(String::compareTo);
    return values;
  }

  @Test
  void everyOperationOfTheDrawnWorldIsExactlyUndone() throws IOException {
    make(DRAWN.formatted(400));
    Set<String> seen = new HashSet<>();
    for (DegradedRow row : rows()) {
      String operation = row.operations().operation();
      seen.add(operation);
      assertThat(row.corrections().apply(row.corrupted())).isEqualTo(row.target());
      assertThat(row.corrupted().equals(row.target())).isEqualTo(operation.equals("none"));
      boolean had = row.target().contains("calcification");
      boolean has = row.corrupted().contains("calcification");
      switch (operation) {
        case "add" -> assertThat(has && !had).isTrue();
        case "delete" -> assertThat(had && !has).isTrue();
        case "several" -> assertThat(row.operations().edits()).hasSizeBetween(2, 3);
        default -> assertThat(had).isEqualTo(has);
      }
    }
    assertThat(seen).containsExactlyInAnyOrder("none", "modify", "add", "delete", "several");
  }

  @Test
  void theSharesAreObeyedAndUnlikeOnesOfStatementsRefused() throws IOException {
    make(
        DRAWN.formatted(900)
            + "clean: 0.5\n"
            + "operations: { modification: 1, addition: 0, deletion: 0, several: 0 }\n");
    JsonNode operations = json(folder.resolve("degraded.json")).path("operations");
    assertThat(operations.path("none").asInt()).isBetween(400, 500);
    assertThat(operations.path("modify").asInt() + operations.path("none").asInt()).isEqualTo(900);
    assertThatThrownBy(() -> degrade(TABLE + "operations: { addition: 2 }\n"))
        .hasMessageContaining("the number of words tells what was degraded");
    assertThatThrownBy(
            () ->
                degrade(
                    TABLE
                        + "operations: { modification: 0, addition: 0, deletion: 0, several: 0"
                        + " }\n"))
        .hasMessageContaining("all weights are 0");
  }

  @Test
  void thePageShowsEditsInColourAndNothingOfACaptionAsMarkup() throws IOException {
    Path table = folder.resolve("odd.jsonl");
    StringBuilder odd = new StringBuilder();
    for (int i = 0; i < 40; i++) {
      odd.append(
          "{\"caption\": \"<b>%s</b> tissue. Few %s.\"}%n"
              .formatted(
                  i % 2 == 0 ? "Benign" : "Malignant", i % 3 == 0 ? "lymphocytes" : "neutrophils"));
    }
    Files.writeString(table, odd);
    make("captions: { type: table, path: %s }\n".formatted(table));
    String page = Files.readString(folder.resolve("degraded.html"));
    assertThat(page)
        .contains("&lt;b&gt;")
        .doesNotContain("<b>")
        .contains("<ins>", "<del>", "<h2>modify</h2>", "\"auc\"".replace("\"", "&quot;"));
    CaptionEdits edits =
        new CaptionEdits(
            List.of(
                new CaptionEdit.Modify(0, "pink", "blue", "stain"),
                new CaptionEdit.Delete(4, " stain", "stain"),
                new CaptionEdit.Add(4, "!", ""),
                new CaptionEdit.Modify(2, "ue", "ack", "stain")));
    assertThat(edits.apply("pink stain")).isEqualTo("black!");
    String coloured = DegradePage.coloured("pink stain", edits.edits()).toString();
    assertThat(coloured.replaceAll("<ins>[^<]*</ins>|</?del>", "")).isEqualTo("pink stain");
    assertThat(coloured.replaceAll("<del>[^<]*</del>|</?ins>", "")).isEqualTo("black!");
  }

  @Test
  void captionsThatCannotServeAreRefusedBeforeAnythingIsRecorded() throws IOException {
    Path table = Files.writeString(folder.resolve("poor.json"), "[{\"caption\": \"A tile.\"}]");
    String poor = "captions: { type: table, path: %s }\n".formatted(table);
    assertThatThrownBy(() -> make(poor))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no caption has what can be degraded");
    assertThatThrownBy(() -> make(poor.replace(" }", ", key: id }")))
        .hasMessageContaining("poor.json: object 1: field 'id' is missing, expected a text");
    Files.writeString(table, "[{\"caption\": ");
    assertThatThrownBy(() -> make(poor)).hasMessageContaining("poor.json");
    assertThatThrownBy(() -> make(TABLE + "lexicon: other\n"))
        .hasMessageContaining("'other' is none that ships with Eosin; expected pathology");
    Path own = Files.writeString(folder.resolve("own.yaml"), "classes: [{ name: x, values: [a] }]");
    assertThatThrownBy(() -> make(TABLE + "lexicon: %s\n".formatted(own)))
        .hasMessageContaining("own.yaml: no lexicon: x has 1, expected at least 2");
    Files.writeString(own, "classes: [{ name: x, values: [a, b] }, { name: y, values: [c, a] }]");
    assertThatThrownBy(() -> make(TABLE + "lexicon: %s\n".formatted(own)))
        .hasMessageContaining("'a' is in x and in y");
    assertThat(folder.resolve("ledger.jsonl")).doesNotExist();
  }

  @Test
  void aPlantedLeakIsFoundAndNoneIsFoundWhereThereIsNone() {
    List<LeakTest.Labelled> leaking = new ArrayList<>();
    List<LeakTest.Labelled> tight = new ArrayList<>();
    var random = new RandomKey(3).stream(RandomKey.Purpose.PREPARATION, 0, 0);
    for (int i = 0; i < 4_000; i++) {
      boolean corrupted = random.nextBoolean();
      String words = "word%d word%d".formatted(random.nextInt(30), random.nextInt(30));
      tight.add(new LeakTest.Labelled(words, corrupted, i * 7919L));
      boolean told = random.nextDouble() < (corrupted ? 0.6 : 0.2);
      leaking.add(new LeakTest.Labelled(words + (told ? " some" : " no"), corrupted, i * 7919L));
    }
    LeakTest found = LeakTest.of(leaking);
    assertThat(found.auc()).isBetween(0.66, 0.74); // 0.7 where the one word is all there is
    assertThat(found.telling().subList(0, 2))
        .extracting(LeakTest.Weighted::word)
        .containsExactlyInAnyOrder("no", "some");
    LeakTest none = LeakTest.of(tight);
    assertThat(none.auc())
        .isBetween(0.5 - 4 * none.standardError(), 0.5 + 4 * none.standardError());
    assertThat(LeakTest.auc(new double[] {1, 2, 2, 3}, new boolean[] {false, true, false, true}))
        .isEqualTo(0.875);
    assertThat(LeakTest.of(List.of()).json().has("auc")).isFalse();
  }

  /// Every value is lost as often as it is put in.
  @Test
  void replacementsKeepTheFrequenciesOfAClass() {
    for (double[] counts : List.of(new double[] {50, 30, 15, 5}, new double[] {400, 30, 15, 5})) {
      Map<String, Double> there = new java.util.TreeMap<>();
      for (int i = 0; i < counts.length; i++) {
        there.put("v" + i, counts[i]);
      }
      Map<String, Double> shares = Replacements.shares(there);
      there.replaceAll((value, count) -> count * shares.getOrDefault(value, 0.0));
      Replacements drawn = Replacements.of(shares, new java.util.TreeMap<>(there));
      double sum = drawn.weights().values().stream().mapToDouble(Double::doubleValue).sum();
      Map<String, Double> after = new HashMap<>();
      there.forEach(
          (from, count) ->
              drawn
                  .weights()
                  .forEach(
                      (to, weight) -> {
                        if (!to.equals(from)) {
                          double left = sum - drawn.weights().getOrDefault(from, 0.0);
                          after.merge(to, count * weight / left, Double::sum);
                        }
                      }));
      there.forEach(
          (value, count) ->
              assertThat(after.getOrDefault(value, 0.0))
                  .isCloseTo(count, org.assertj.core.data.Percentage.withPercentage(0.1)));
    }
    assertThat(Replacements.shares(Map.of("with", 9.0, "without", 1.0)))
        .containsEntry("without", 1.0)
        .hasEntrySatisfying("with", share -> assertThat(share).isCloseTo(1 / 9.0, within(1e-12)));
  }

  private static org.assertj.core.data.Offset<Double> within(double value) {
    return org.assertj.core.data.Offset.offset(value);
  }

  @Test
  void termsAreWholeWordsTheLongestFirstAndKeepTheirCapital() throws DataException {
    Terms terms = new Terms(Lexicon.shipped(Lexicon.PATHOLOGY));
    assertThat(terms.of("Non-invasive renal cell carcinoma, a benign liverish well-differentiated"))
        .extracting(Terms.Term::value, Terms.Term::replaceable)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple("non-invasive", true),
            org.assertj.core.groups.Tuple.tuple("renal cell carcinoma", true),
            org.assertj.core.groups.Tuple.tuple("benign", false),
            org.assertj.core.groups.Tuple.tuple("well-differentiated", true));
    assertThat(Terms.written("lung", "Liver")).isEqualTo("Lung");
    assertThat(List.of(Lexicon.PATHOLOGY, Lexicon.DRAWN_FINDINGS, Lexicon.LC25000))
        .allSatisfy(name -> assertThat(Lexicon.named(name).classes()).isNotEmpty());
  }
}
