package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.eval.samples.SampleResults;
import dev.eosin.eval.samples.SamplesFile;
import dev.eosin.eval.slides.SlideProtocol;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.recipe.Evaluation;
import dev.eosin.run.Evaluations;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Patients of two slides with some tiles each; a part of the tiles tells the class.
class SlideEvaluationTest {
  private static final int PATIENTS = 24;
  private static final int SLIDES = 2;
  private static final int TILES = 6;
  private static final int WIDTH = 8;

  @TempDir private Path home;

  @BeforeEach
  void draw() throws IOException {
    StringBuilder rows = new StringBuilder("filepath,group_id\n");
    StringBuilder slides =
        new StringBuilder("case_id\tslide_id\tgrade\tdays\tdied\tfound\tfold_0\tfold_1\n");
    float[] values = new float[PATIENTS * SLIDES * TILES * WIDTH];
    int at = 0;
    for (int patient = 0; patient < PATIENTS; patient++) {
      int grade = patient % 2;
      for (int slide = 0; slide < SLIDES; slide++) {
        String id = "%03d-%d".formatted(patient, slide);
        for (int tile = 0; tile < TILES; tile++) {
          rows.append("%s_%d.png,%s\n".formatted(id, tile, id));
          RandomStream random =
              new RandomKey(patient).stream(RandomKey.Purpose.BOOTSTRAP, slide, tile);
          for (int i = 0; i < WIDTH; i++) {
            double told = tile < 2 && i == grade ? 3 : 0;
            values[at++] = (float) (random.nextGaussian() + told);
          }
        }
        slides.append(
            "%03d\t%s\t%s\t%d\t%d\t%s\t%s\t%s\n"
                .formatted(
                    patient,
                    id,
                    grade,
                    grade == 1 ? 10 + patient : 200 + patient,
                    patient % 5 == 0 ? 0 : 1,
                    grade == 1 ? "mitosis|necrosis" : patient % 3 == 0 ? "necrosis" : "",
                    patient < 16 ? "train" : "test",
                    patient < 8 ? "test" : "train"));
      }
    }
    var writer = new SafetensorsWriter(Map.of());
    writer.add("features", TensorData.of(values, PATIENTS * SLIDES * TILES, WIDTH));
    writer.write(home.resolve("tiles.safetensors"));
    Files.writeString(home.resolve("rows.csv"), rows);
    Files.writeString(home.resolve("k=all.tsv"), slides);
    Files.writeString(
        home.resolve("config.yaml"),
        "sample_col: case_id\ntask_col: grade\nlabel_dict: { 0: low, 1: high }\n");
  }

  private CommandRun evaluate(String tasks, String... overrides) throws IOException {
    Path recipe = home.resolve("recipe.yaml");
    Files.writeString(
        recipe,
        """
        kind: slide-evaluation
        compute: { device: cpu, threads: 1 }
        features: { path: "%s", table: "%s" }
        slides: { type: patho-bench, path: "%s" }
        classes: [{ label: low }, { label: high }]
        %s
        bootstrap: 50
        output: { dir: "%s" }
        """
            .formatted(
                home.resolve("tiles.safetensors"),
                home.resolve("rows.csv"),
                home.resolve("k=all.tsv"),
                tasks,
                home.resolve("out")));
    List<Object> all = new ArrayList<>(List.of("evaluate", recipe));
    all.addAll(List.of(overrides));
    return CommandRun.of(all.toArray());
  }

  private JsonNode results() throws IOException {
    return new ObjectMapper().readTree(home.resolve("out/evaluation.json").toFile());
  }

  /// The table with some of the learning patients for validation, and columns called as Patho-Bench
  /// calls them.
  private void asPathoBenchHasIt() throws IOException {
    Path table = home.resolve("k=all.tsv");
    String rows =
        Files.readString(table)
            .replaceAll("(?m)^(01[0123]\\t.*)\\ttrain\\ttrain$", "$1\tval\tval")
            .replace("\tdays\tdied\t", "\tgrade_days\tgrade_event\t");
    Files.writeString(table, rows);
  }

  @Test
  void publishedAttentionTellsPatientsTheSameEachTime() throws IOException {
    asPathoBenchHasIt();
    String tasks =
        """
        tasks:
          - { type: eva-abmil, epochs: 12, lr: 0.01, batch: 4, runs: 2 }
          - { type: patho-bench-abmil, epochs: 60, lr: 0.003, tiles: 10 }
          - { type: elastic-net-survival, alphas: [0.02, 0.07] }
          - { type: patho-bench-abmil-survival, epochs: 30, lr: 0.003, tiles: 10, runs: 2 }
        """;
    CommandRun run = evaluate(tasks);
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode found = results().path("evaluations");
    for (String fold : List.of("fold_0", "fold_1")) {
      for (String task : List.of("eva-abmil", "patho-bench-abmil")) {
        assertThat(found.path(task + "/" + fold).path("accuracy").asDouble())
            .as(task)
            .isGreaterThan(0.7);
      }
      assertThat(found.path("elastic-net-survival-0.02/" + fold).path("c_index").asDouble())
          .isGreaterThan(0.6);
      assertThat(found.path("patho-bench-abmil-survival/" + fold).path("c_index").asDouble())
          .isGreaterThan(0.6);
    }
    JsonNode details = results().path("details");
    assertThat(details.at("/patho-bench-abmil-survival~1fold_0/edges")).hasSize(3);
    assertThat(details.path("eva-abmil/fold_0").path("epochs").size()).isEqualTo(2);
    assertThat(details.path("eva-abmil/fold_0").path("spread").has("accuracy")).isTrue();
    JsonNode net = details.path("elastic-net-survival-0.07/fold_0");
    assertThat(net.path("features_taken").asInt()).isBetween(1, WIDTH);
    assertThat(net.path("converged").asBoolean()).isTrue();
    byte[] first = Files.readAllBytes(home.resolve("out/evaluation.json"));
    assertThat(evaluate(tasks).code()).isZero();
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(first);
  }

  /// Two folds of one, two and three runs: six, four and two trainings over ranks.
  @Test
  void ranksFindWhatAProcessAloneFinds() throws Exception {
    asPathoBenchHasIt();
    String tasks =
        """
        tasks:
          - { type: eva-abmil, epochs: 2, lr: 0.01, batch: 4, runs: 3 }
          - { type: patho-bench-abmil, epochs: 2, lr: 0.003, tiles: 10 }
          - { type: abmil, epochs: 2, lr: 0.003, hidden: 8, attention: 4, runs: 2 }
          - { type: elastic-net-survival, alphas: [0.02] }
          - { type: patho-bench-abmil-survival, epochs: 2, lr: 0.003, tiles: 10, runs: 2 }
          - { type: mean-probe }
        """;
    assertThat(evaluate(tasks, "output.dir=\"%s\"".formatted(home.resolve("written"))).code())
        .isZero();
    List<String> files = new ArrayList<>(EvaluationOnRanks.RESULTS);
    files.add(SamplesFile.NAME);
    EvaluationOnRanks.shareAsOne(
        home.resolve("recipe.yaml"), List.of(), home, files, List.of(2, 3, 5));
  }

  @Test
  void aProtocolSaysWhatIsAskedAndWhereItsValuesAreFrom() throws IOException {
    asPathoBenchHasIt();
    CommandRun run = evaluate("protocol: patho-bench-survival");
    assertThat(run.code()).as(run.err()).isZero();
    JsonNode results = results();
    for (String alpha : List.of("0.01", "0.02", "0.07")) {
      String title = "elastic-net-survival-%s/fold_1".formatted(alpha);
      assertThat(results.path("evaluations").has(title)).as(title).isTrue();
      JsonNode details = results.path("details").path(title);
      assertThat(details.path("bootstrap").path("resamples").asInt()).isEqualTo(100);
      assertThat(details.path("protocol").path("version").asText())
          .isEqualTo(SlideProtocol.PATHO_BENCH_SURVIVAL.version());
      assertThat(details.path("protocol").path("sources").size()).isGreaterThan(1);
    }
    CommandRun hazards = evaluate("protocol: patho-bench-abmil-survival");
    assertThat(hazards.code()).as(hazards.err()).isZero();
    assertThat(results().path("evaluations").has("patho-bench-abmil-survival/fold_1")).isTrue();
    assertThat(evaluate("protocol: patho-bench\ntasks: [{ type: mean-probe }]").err())
        .contains("the protocol says what is asked; leave one of the two out");
    assertThat(evaluate("bootstrap: 3").err()).contains("list at least one task, or name a");
  }

  @Test
  void whatPublishedTasksLackIsSaid() throws IOException {
    assertThat(evaluate("protocol: patho-bench-survival").err())
        .contains("has no column 'grade_days'");
    assertThat(evaluate("protocol: eva").err())
        .contains("eva-abmil: fold_0: no slide is for validation, by which it ends");
    CommandRun strong =
        evaluate(
            "tasks: [{ type: elastic-net-survival, time: days, event: died, alphas: [1000] }]");
    assertThat(strong.code()).as(strong.err()).isZero();
    assertThat(strong.out()).contains("no feature is taken, so that all risks are equal");
    assertThat(
            results()
                .path("evaluations")
                .path("elastic-net-survival-1000.0/fold_0")
                .path("c_index")
                .asDouble())
        .isEqualTo(0.5);
    String rows = Files.readString(home.resolve("k=all.tsv"));
    assertThat(ownTable("{ type: elastic-net-survival }", ", patient: case_id", rows).err())
        .contains("slides.label  missing key");
  }

  private static final String TASKS =
      """
      tasks:
        - { type: mean-probe }
        - { type: abmil, epochs: 30, lr: 0.003, hidden: 8, attention: 4 }
        - { type: survival, time: days, event: died }
        - { type: multi-label, column: found }
      """;

  @Test
  void patientsOfSeveralSlidesAreToldFoldByFold() throws IOException {
    CommandRun run = evaluate(TASKS);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).contains("24 samples, 2 folds");
    JsonNode results = results();
    JsonNode evaluations = results.path("evaluations");
    for (String fold : List.of("fold_0", "fold_1")) {
      assertThat(evaluations.path("mean-probe/" + fold).path("accuracy").asDouble())
          .isGreaterThan(0.7);
      assertThat(evaluations.path("abmil/" + fold).path("accuracy").asDouble()).isGreaterThan(0.7);
      assertThat(evaluations.path("survival/" + fold).path("c_index").asDouble())
          .isGreaterThan(0.6);
      assertThat(evaluations.path("multi-label/" + fold).path("auc_mean").asDouble())
          .isGreaterThan(0.6);
    }
    JsonNode over = evaluations.path("abmil");
    double mean =
        (evaluations.path("abmil/fold_0").path("accuracy").asDouble()
                + evaluations.path("abmil/fold_1").path("accuracy").asDouble())
            / 2;
    assertThat(over.path("accuracy").asDouble()).isEqualTo(mean);
    assertThat(over.has("accuracy_sd")).isTrue();
    JsonNode details = results.path("details").path("mean-probe/fold_0");
    assertThat(details.path("samples").path("test").asInt()).isEqualTo(8);
    assertThat(details.path("bootstrap").path("units").asInt()).isEqualTo(8);
    assertThat(details.path("classes").get(1).path("label").asText()).isEqualTo("high");
    byte[] first = Files.readAllBytes(home.resolve("out/evaluation.json"));
    assertThat(evaluate(TASKS).code()).isZero();
    assertThat(home.resolve("out/evaluation.json")).hasBinaryContent(first);
  }

  @Test
  void severalSlidesAreFusedEarlyOrLate() throws IOException {
    assertThat(evaluate("tasks: [{ type: mean-probe }]", "fusion=late").code()).isZero();
    JsonNode late = results().path("evaluations").path("mean-probe/fold_0");
    assertThat(results().path("details").path("mean-probe/fold_0").path("fusion").asText())
        .isEqualTo("late");
    assertThat(evaluate("tasks: [{ type: mean-probe }]", "fusion=early").code()).isZero();
    // Slides of equally many tiles have the same mean either way.
    assertThat(results().path("evaluations").path("mean-probe/fold_0").path("accuracy"))
        .isEqualTo(late.path("accuracy"));
  }

  /// A table of one's own, in which nothing is called a label.
  private CommandRun ownTable(String tasks, String more, String rows) throws IOException {
    Path table = Files.writeString(home.resolve("own.tsv"), rows);
    Path recipe = home.resolve("own.yaml");
    Files.writeString(
        recipe,
        """
        kind: slide-evaluation
        compute: { device: cpu, threads: 1 }
        features: { path: "%s", table: "%s" }
        slides: { type: table, path: "%s", slide: slide_id%s }
        tasks: [%s]
        bootstrap: 20
        output: { dir: "%s" }
        """
            .formatted(
                home.resolve("tiles.safetensors"),
                home.resolve("rows.csv"),
                table,
                more,
                tasks,
                home.resolve("own")));
    return CommandRun.of("evaluate", recipe);
  }

  @Test
  void survivalAndSeveralLabelsNeedNoColumnOfLabels() throws IOException {
    String rows = Files.readString(home.resolve("k=all.tsv"));
    CommandRun run =
        ownTable(
            "{ type: survival, time: days, event: died }, { type: multi-label, column: found }",
            ", patient: case_id",
            rows);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err()).doesNotContain("intervals are of slides");
    JsonNode found = new ObjectMapper().readTree(home.resolve("own/evaluation.json").toFile());
    assertThat(found.path("evaluations").path("survival/fold_0").path("c_index").asDouble())
        .isGreaterThan(0.6);
    SampleResults kept =
        Objects.requireNonNull(
            SamplesFile.read(home.resolve("own").resolve(SamplesFile.NAME)).get("survival/fold_0"));
    assertThat(kept).isInstanceOf(SampleResults.Risks.class);
    assertThat(kept.figures().value("c_index"))
        .isEqualTo(found.path("evaluations").path("survival/fold_0").path("c_index").asDouble());
    assertThat(found.path("evaluations").path("multi-label/fold_1").path("auc_mean").asDouble())
        .isGreaterThan(0.6);
  }

  @Test
  void aRequestToStopIsHeardBetweenTasks() throws IOException {
    assertThat(evaluate(TASKS).code()).isZero();
    Path results = home.resolve("out/evaluation.json");
    byte[] before = Files.readAllBytes(results);
    List<String> found = new ArrayList<>();
    var listener = new Evaluations.Listener(note -> {}, found::add, progress -> {});
    var recipe = Evaluation.read(home.resolve("recipe.yaml"), List.of("bootstrap=0"));
    assertThat(Evaluations.run(recipe, "test", listener, () -> !found.isEmpty())).isEmpty();
    assertThat(found).hasSize(1);
    assertThat(results).hasBinaryContent(before);
  }

  @Test
  void withoutPatientsFoldsAndIntervalsAreOfSlides() throws IOException {
    String rows = Files.readString(home.resolve("k=all.tsv"));
    CommandRun run =
        ownTable("{ type: survival, time: days, event: died }", ", folds: [fold_0]", rows);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("no column of patients is named: folds and intervals are of slides");
  }

  @Test
  void aFoldWithoutAFigureIsNamed() throws IOException {
    // Patients of one grade alone judge in fold_1.
    String rows =
        Files.readString(home.resolve("k=all.tsv"))
            .replaceAll("(?m)^(00[1357]\\t.*)\\ttest$", "$1\ttrain");
    CommandRun run = ownTable("{ type: mean-probe }", ", patient: case_id, label: grade", rows);
    assertThat(run.code()).as(run.err()).isZero();
    assertThat(run.out())
        .contains("mean-probe: auc_macro has no mean over folds: it is not defined in fold_1");
    JsonNode found = new ObjectMapper().readTree(home.resolve("own/evaluation.json").toFile());
    assertThat(found.path("evaluations").path("mean-probe").path("auc_macro").isNull()).isTrue();
  }

  @Test
  void aSampleWithoutALabelIsNamedUnlessItIsInNoFold() throws IOException {
    String rows = Files.readString(home.resolve("k=all.tsv"));
    String more = ", patient: case_id, label: grade";
    String probe = "{ type: mean-probe }";
    String blank = rows.replaceAll("(?m)^(003\\t003-\\d)\\t1\\t", "$1\t\t");
    CommandRun refused = ownTable(probe, more, blank);
    assertThat(refused.code()).isEqualTo(ExitCode.DATA);
    assertThat(refused.err()).contains("own.tsv: grade of 003 is blank");
    String outside = blank.replaceAll("(?m)^(003\\t.*)\\ttrain\\ttest$", "$1\t\t");
    CommandRun run = ownTable(probe, more, outside);
    assertThat(run.code()).as(run.err()).isZero();
  }

  @Test
  void whatIsMissingIsSaid() throws IOException {
    String task = "tasks: [{ type: mean-probe }]";
    assertThat(evaluate("tasks: [{ type: mi-zero }]").err())
        .contains("mi-zero needs the model that embeds prompts");
    assertThat(evaluate("tasks: [{ type: survival, time: days, event: grade2 }]").err())
        .contains("has no column 'grade2'");
    assertThat(evaluate("tasks: [{ type: survival, time: found, event: died }]").err())
        .contains("a time, at least 0, is expected");
    assertThat(evaluate(task, "classes=[{label: low}, {label: other}]").err())
        .contains("the labels {1=");
    Path table = home.resolve("k=all.tsv");
    Files.writeString(table, Files.readString(table) + "new\tnew-0\t1\t1\t1\t\ttrain\ttrain\n");
    assertThat(evaluate(task).err()).contains("1 slides of the table have no tile");
    CommandRun left = evaluate(task, "missing=leave-out");
    assertThat(left.code()).as(left.err()).isZero();
    assertThat(left.err()).contains("for example [new-0]; left out");
    Files.writeString(table, "case_id\tslide_id\tgrade\n000\t000-0\t0\n");
    assertThat(evaluate(task).err()).contains("no column says which slides are for train and test");
    Files.delete(home.resolve("config.yaml"));
    assertThat(evaluate(task).err()).contains("config.yaml: no such file");
  }
}
