package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.random.RandomKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sets of slides that are smaller, more one-sided or more contradictory than any task expects: a
/// clear error, or a figure that is said not to be defined.
class HostileSlideSetsTest {
  private static final int SLIDES = 12;
  private static final int WIDTH = 4;
  private static final String SURVIVAL = "{ type: survival, time: days, event: died }";
  private static final String EVERY_KIND =
      "{ type: mean-probe }, { type: abmil, epochs: 2 }, " + SURVIVAL;

  @TempDir private Path home;

  /// One tile each.
  @BeforeEach
  void draw() throws IOException {
    var rows = new StringBuilder("filepath,group_id\n");
    float[] values = new float[SLIDES * WIDTH];
    for (int slide = 0; slide < SLIDES; slide++) {
      rows.append("s%02d.png,s%02d\n".formatted(slide, slide));
      var random = new RandomKey(slide).stream(RandomKey.Purpose.BOOTSTRAP, 0, 0);
      for (int i = 0; i < WIDTH; i++) {
        values[slide * WIDTH + i] = (float) random.nextGaussian() + (i == slide % 2 ? 3 : 0);
      }
    }
    var writer = new SafetensorsWriter(Map.of());
    writer.add("features", TensorData.of(values, SLIDES, WIDTH));
    writer.write(home.resolve("tiles.safetensors"));
    Files.writeString(home.resolve("rows.csv"), rows);
  }

  /// Of a slide: grade, days, died, and its side.
  private record Row(String grade, String days, String died, String fold) {
    static Row usual(int slide) {
      String fold = slide < 8 ? "train" : "test";
      return new Row("g" + slide % 2, "" + (10 + slide), slide % 3 == 0 ? "0" : "1", fold);
    }
  }

  private CommandRun evaluate(String tasks, IntFunction<Row> rows) throws IOException {
    var table = new StringBuilder("slide_id\tcase_id\tgrade\tdays\tdied\tfold_0\n");
    for (int slide = 0; slide < SLIDES; slide++) {
      Row row = rows.apply(slide);
      table.append(
          "s%02d\tp%02d\t%s\t%s\t%s\t%s\n"
              .formatted(slide, slide, row.grade, row.days, row.died, row.fold));
    }
    return evaluate(tasks, table.toString(), home.resolve("tiles.safetensors"));
  }

  private CommandRun evaluate(String tasks, String table, Path features) throws IOException {
    Path listed = Files.writeString(home.resolve("slides.tsv"), table);
    boolean file = features.toString().endsWith(".safetensors");
    Path recipe =
        Files.writeString(
            home.resolve("recipe.yaml"),
            """
            kind: slide-evaluation
            compute: { device: cpu, threads: 1 }
            features: { path: "%s"%s }
            slides: { type: table, path: "%s", slide: slide_id, patient: case_id, label: grade }
            tasks: [%s]
            bootstrap: 20
            output: { dir: "%s" }
            """
                .formatted(
                    features,
                    file ? ", table: \"%s\"".formatted(home.resolve("rows.csv")) : "",
                    listed,
                    tasks,
                    home.resolve("out")));
    return CommandRun.of("evaluate", recipe);
  }

  private JsonNode figure(String task, String name) throws IOException {
    JsonNode found = new ObjectMapper().readTree(home.resolve("out/evaluation.json").toFile());
    return found.path("evaluations").path(task).path(name);
  }

  private CommandRun censored(String side) throws IOException {
    return evaluate(
        SURVIVAL,
        slide -> {
          Row row = Row.usual(slide);
          return row.fold.equals(side) ? new Row(row.grade, row.days, "0", row.fold) : row;
        });
  }

  private CommandRun ofOneGrade(String side) throws IOException {
    return evaluate(
        "{ type: mean-probe }, { type: abmil, epochs: 2 }",
        slide -> {
          Row row = Row.usual(slide);
          return row.fold.equals(side) ? new Row("g0", row.days, row.died, row.fold) : row;
        });
  }

  @Test
  void oneTileOfASlideIsEnough() throws IOException {
    CommandRun run = evaluate(EVERY_KIND, Row::usual);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(figure("mean-probe", "accuracy").asDouble()).isEqualTo(1);
    assertThat(figure("abmil", "accuracy").asDouble()).isGreaterThan(0.5);
  }

  @Test
  void oneClassIsNothingToLearnAndHasNoAreaWhereItJudges() throws IOException {
    CommandRun learnt = ofOneGrade("train");
    assertThat(learnt.code()).isEqualTo(ExitCode.DATA);
    assertThat(learnt.err())
        .contains("slides.tsv: fold_0: no sample of the class 'g1' is among the 8 that are learnt");
    CommandRun judged = ofOneGrade("test");
    assertThat(judged.code()).as(judged.err()).isZero();
    assertThat(judged.out()).contains("mean-probe/fold_0: auc_macro is not defined");
    assertThat(figure("mean-probe", "auc_macro").isNull()).isTrue();
  }

  @Test
  void everybodyCensoredIsNothingToLearnAndHasNoIndexWhereTheyJudge() throws IOException {
    CommandRun learnt = censored("train");
    assertThat(learnt.code()).isEqualTo(ExitCode.DATA);
    assertThat(learnt.err())
        .contains("slides.tsv: survival: fold_0: no sample that is learnt from has an event");
    CommandRun judged = censored("test");
    assertThat(judged.code()).as(judged.err()).isZero();
    assertThat(judged.out())
        .contains(
            "survival/fold_0: c_index is not defined, since no two test samples can be compared");
    assertThat(figure("survival", "c_index").isNull()).isTrue();
  }

  @Test
  void timesThatAllAreTiedHaveNoIndex() throws IOException {
    CommandRun run = evaluate(SURVIVAL, slide -> timed(slide, "7"));
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out()).contains("no two test samples can be compared", "all risks are equal");
  }

  @Test
  void whatIsWrongWithTheLastTaskIsSaidBeforeTheFirst() throws IOException {
    for (String days : List.of("-3", "NaN", "", "soon")) {
      CommandRun run =
          evaluate(EVERY_KIND, slide -> slide == 9 ? timed(slide, days) : Row.usual(slide));
      assertThat(run.code()).as(days).isEqualTo(ExitCode.DATA);
      assertThat(run.err())
          .contains(
              "slides.tsv: days of p09 is '%s'; a time, at least 0, is expected".formatted(days))
          .doesNotContain("mean-probe/fold_0");
    }
  }

  private static Row timed(int slide, String days) {
    Row row = Row.usual(slide);
    return new Row(row.grade, days, "1", row.fold);
  }

  @Test
  void aPatientIsOnOneSide() throws IOException {
    String header = "slide_id\tcase_id\tgrade\tdays\tdied\tfold_0\n";
    CommandRun run =
        evaluate(
            SURVIVAL,
            header + "s00\tp\tg0\t1\t1\ttrain\ns01\tp\tg0\t1\t1\ttest\n",
            home.resolve("tiles.safetensors"));
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains("lines 2 and 3 are both of p, and fold_0 is 'train' and 'test'");
  }

  @Test
  void aFileOfFeaturesThatIsNoneIsNamed() throws IOException {
    Path features = Files.createDirectories(home.resolve("features"));
    Files.write(features.resolve("s00.h5"), new byte[0]);
    String table = "slide_id\tcase_id\tgrade\tdays\tdied\tfold_0\ns00\tp\tg0\t1\t1\ttrain\n";
    CommandRun empty = evaluate(SURVIVAL, table, features);
    assertThat(empty.code()).isEqualTo(ExitCode.DATA);
    assertThat(empty.err()).contains("s00.h5: cannot be read as HDF5");
    Files.writeString(features.resolve("s00.h5"), "no features");
    assertThat(evaluate(SURVIVAL, table, features).err())
        .contains("s00.h5: cannot be read as HDF5")
        .doesNotContain("internal error");
  }

  @Test
  void oneClassThatChoosesIsSaid() throws IOException {
    CommandRun run =
        evaluate(
            "{ type: abmil, epochs: 2 }, { type: eva-abmil, epochs: 2, runs: 1 }",
            slide -> {
              Row row = Row.usual(slide);
              return slide < 6 || slide > 7 ? row : new Row("g0", row.days, row.died, "val");
            });
    assertThat(run.code()).as(run.err()).isZero();
    for (String task : List.of("abmil", "eva-abmil")) {
      assertThat(run.out())
          .contains(task + "/fold_0: the 2 samples that choose the epoch have none of g1");
    }
  }

  @Test
  void aFoldOfOneSlideHasNoIntervalAndSaysWhatIsNotDefined() throws IOException {
    CommandRun run =
        evaluate(
            "{ type: mean-probe }, " + SURVIVAL,
            slide -> {
              Row row = Row.usual(slide);
              return slide < 9 ? row : new Row(row.grade, row.days, row.died, "train");
            });
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("mean-probe: one sample judges, so that no interval can be told")
        .contains("mean-probe: not defined on the 1 samples")
        .contains("c_index is not defined, since no two test samples can be compared");
    assertThat(figure("mean-probe", "kappa").isNull()).isTrue();
  }

  @Test
  void aLabelThatSaysThereIsNoneIsNoClass() throws IOException {
    CommandRun run =
        evaluate(
            "{ type: mean-probe }",
            slide -> {
              Row row = Row.usual(slide);
              return slide == 3 ? new Row("nan", row.days, row.died, row.fold) : row;
            });
    assertThat(run.code()).isEqualTo(ExitCode.DATA);
    assertThat(run.err()).contains("slides.tsv: a label is 'nan', which is how programs write");
  }

  @Test
  void aTimeThatIsNoneIsNamed() throws IOException {
    for (String time : List.of("nan", "", "-1", "inf")) {
      CommandRun run =
          evaluate(
              SURVIVAL,
              slide -> {
                Row row = Row.usual(slide);
                return slide == 9 ? new Row(row.grade, time, row.died, row.fold) : row;
              });
      assertThat(run.code()).as(time).isEqualTo(ExitCode.DATA);
      assertThat(run.err()).contains("days of p09 is '%s'; a time, at least 0".formatted(time));
    }
  }

  @Test
  void intervalsThatEventsDoNotMakeAreRefused() throws IOException {
    String survival = "{ type: patho-bench-abmil-survival, time: days, event: died, %s }";
    CommandRun many = evaluate(survival.formatted("intervals: 50"), Row::usual);
    assertThat(many.code()).isEqualTo(ExitCode.DATA);
    assertThat(many.err())
        .contains("5 events that are learnt from do not make 50 intervals")
        .contains("take fewer intervals");
    CommandRun labelled = evaluate(survival.formatted("labelled: true"), Row::usual);
    assertThat(labelled.code()).isEqualTo(ExitCode.DATA);
    assertThat(labelled.err())
        .contains("grade of p00 is 'g0'; the number of an interval is expected");
  }
}
