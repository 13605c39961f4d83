package dev.eosin.cli;

import static dev.eosin.cli.ColouredTiles.CLASSES;
import static dev.eosin.cli.ColouredTiles.EACH;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Which tiles are evaluated: labels, images that cannot be read, centres, parts without a class.
class EvaluatedTilesTest {
  @TempDir private static Path shared;
  @TempDir private Path home;

  private static ColouredTiles tiles;

  @BeforeAll
  static void trainAndDraw() throws IOException {
    tiles = ColouredTiles.in(shared);
  }

  private CommandRun evaluate(String data, String more, String... overrides) throws IOException {
    return tiles.evaluate(home, data, more, overrides);
  }

  private String table() {
    return tiles.table();
  }

  private JsonNode results() throws IOException {
    return ColouredTiles.results(home);
  }

  private Path folders() throws IOException {
    return tiles.folders(home);
  }

  @Test
  void whatIsWrongWithTilesIsSaidBeforeAnythingIsEmbedded() throws IOException {
    String task = "tasks: [{ type: knn, k: [1] }]\nvalidation: 0 %";
    assertThat(evaluate(table(), task, "classes=[{label: red_tissue}, {label: grey}]").err())
        .contains("tiles have labels that are not listed: [blue_tissue, green_tissue]");
    String some = "classes=[{label: red_tissue}, {label: green_tissue}]";
    CommandRun left = evaluate(table(), task, some, "other-labels=leave-out");
    assertThat(left.code()).as(left.err()).isZero();
    assertThat(left.err()).contains("16 tiles have labels that are not listed");
    assertThat(
            evaluate(
                    table(),
                    task,
                    "classes=[{label: red_tissue}, {label: grey}]",
                    "other-labels=leave-out")
                .err())
        .contains("the class 'grey' has no tile");
    Path twice = tiles.resolve("twice.csv");
    String row = "red_tissue/t00.png,red_tissue,s\n";
    Files.writeString(twice, "filepath,label,slide\n" + row + row);
    assertThat(evaluate(twice.toString(), task).err()).contains("rows 1 and 2 are the same tile");
    assertThat(evaluate(home.resolve("none").toString(), task).err())
        .contains("no such folder or table");
    assertThat(evaluate(table(), "tasks: [{ type: few-shot, shots: [99] }]").err())
        .contains("99 shots are asked for");
    String longPrompt = "prompts=['%s{}']".formatted("tissue ".repeat(20));
    assertThat(evaluate(table(), "tasks: [{ type: zero-shot }]", longPrompt).err())
        .contains("tokens, and", "takes 16; shorten it");
    assertThat(evaluate(table(), "tasks: [{ type: knn }]", "validation=0 %").err())
        .contains("chooses on validation tiles, and there are none");
    assertThat(evaluate(table(), "tasks: [{ type: knn }, { type: knn }]").err())
        .contains("two are called 'knn'");
  }

  @Test
  void imagesThatCannotBeReadAreLeftOutAndSaid() throws IOException {
    Path folder = folders();
    Files.writeString(folder.resolve("red_tissue/t03.png"), "no image");
    String task = "tasks: [{ type: knn, k: [1] }]\nvalidation: 0 %";
    CommandRun refused = evaluate(folder.toString(), task);
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).contains("1 of 48 images cannot be read", "t03.png");
    CommandRun run = evaluate(folder.toString(), task, "unreadable=5 %");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("1 of 48 images cannot be read");
    assertThat(results().path("inputs").path("tiles.count").asInt()).isEqualTo(47);
    assertThat(results().path("inputs").path("tiles.left_out").asInt()).isEqualTo(1);
    assertThat(results().path("details").path("knn").path("left_out").get(0).asText())
        .startsWith("red_tissue/t03.png: ");
  }

  @Test
  void ratesThatThrowWeightsBeyondAllNumbersAreNamed() throws IOException {
    CommandRun run = evaluate(table(), "tasks: [{ type: decay-probe, lr: 1e300, epochs: 3 }]");
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err())
        .contains("the weights are not finite with a learning rate of 1.0E300; give a smaller lr");
  }

  /// A table with every other tile on the other side, but for blue ones, which are on one alone.
  private Path withBlueOn(String side, String other) throws IOException {
    StringBuilder rows = new StringBuilder("filepath,label,slide,split\n");
    for (String label : CLASSES) {
      for (int i = 0; i < EACH; i++) {
        boolean onOther = i % 2 == 0 && !label.equals("blue_tissue");
        rows.append(
            "%s/t%02d.png,%s,s%d,%s\n".formatted(label, i, label, i, onOther ? other : side));
      }
    }
    return Files.writeString(tiles.resolve("blue-on-" + side + ".csv"), rows);
  }

  @Test
  void aClassThatIsNowhereToLearnIsNamed() throws IOException {
    Path table = withBlueOn("test", "train");
    String tasks = "tasks: [{ type: zero-shot }, { type: linear-probe }]";
    CommandRun run = evaluate(table.toString(), tasks);
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err())
        .contains("no row of the class 'blue_tissue' is among the 12 that are learnt from")
        .doesNotContain("embedded");
  }

  @Test
  void neighboursShareTheClassOrTheCentre() throws IOException {
    String task = "tasks: [{ type: centre-robustness, k: 5 }]\nrandom-weights: false";
    StringBuilder rows = new StringBuilder("filepath,label,slide,hospital\n");
    StringBuilder mixed = new StringBuilder("filepath,label,slide,hospital\n");
    for (int of = 0; of < CLASSES.size(); of++) {
      for (int i = 0; i < EACH; i++) {
        String path = "%s/t%02d.png".formatted(CLASSES.get(of), i);
        rows.append("%s,%s,s%d-%d,h%d\n".formatted(path, CLASSES.get(of), of, i, i % 2));
        // The colour, which decides who is near, is the hospital here, and the class is nothing.
        mixed.append("%s,c%d,s%d-%d,h%d\n".formatted(path, i % 2, of, i, of));
      }
    }
    Path byClass = Files.writeString(tiles.resolve("by-class.csv"), rows);
    CommandRun run = evaluate(byClass.toString(), task, "tiles.centre=hospital");
    assertThat(run.code()).as(run.err()).isZero();
    String of = "centre-robustness";
    assertThat(results().path("evaluations").path(of).path("robustness_index").asDouble())
        .isGreaterThan(0.9);
    Path byCentre = Files.writeString(tiles.resolve("by-centre.csv"), mixed);
    assertThat(evaluate(byCentre.toString(), task, "tiles.centre=hospital").code()).isZero();
    assertThat(results().path("evaluations").path(of).path("robustness_index").asDouble())
        .isLessThan(0.1);
    assertThat(evaluate(table(), task).err()).contains("48 tiles have no centre");
  }

  @Test
  void aClassWithoutATileThatJudgesHasNoArea() throws IOException {
    Path table = withBlueOn("train", "test");
    CommandRun run = evaluate(table.toString(), "tasks: [{ type: linear-probe }]");
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("auc_macro is not defined, since the tiles that judge are all or none of blue");
    JsonNode figures = results().path("evaluations").path("linear-probe");
    assertThat(figures.path("auc_macro").isNull()).isTrue();
    assertThat(figures.has("auc_macro_low")).isFalse();
    assertThat(figures.path("accuracy").isNumber()).isTrue();
  }
}
