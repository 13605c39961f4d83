package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.run.OptionMix.Option;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Whatever training options are combined, what each of them promises holds.
///
/// More mixes are drawn with the system properties `eosin.mixes` and `eosin.mixes.seed`, for
/// example `mvn -q -Dlauncher -Dtest=OptionMatrixTest -Deosin.mixes=300 test`.
@Timeout(value = 3, unit = TimeUnit.HOURS)
class OptionMatrixTest {
  private static final int MIXES = Integer.getInteger("eosin.mixes", 6);
  private static final long SEED = Long.getLong("eosin.mixes.seed", 1);

  private static final Engine ENGINE = Engine.start(Device.CPU, 1);

  @TempDir static Path home;
  private List<String> overrides = List.of();

  static Stream<OptionMix> mixes() {
    return OptionMix.drawn(SEED, MIXES).stream();
  }

  @ParameterizedTest
  @MethodSource("mixes")
  void whatEachOptionPromisesHoldsBesideTheOthers(OptionMix mix) throws IOException {
    Path place = Files.createTempDirectory(home, "mix");
    var recipes = new OptionRecipes(home);
    overrides = recipes.overrides(mix);
    SmallRun whole = SmallRun.in(place.resolve("whole"));
    String[] workers = mix.of(Option.WORKERS).split(" then ");
    assertThat(train(whole, SmallRun.TO_THE_END, "data.workers=2")).isEqualTo(Trainer.End.FINISHED);
    SmallRun halves = whole.copyTo(place.resolve("halves"));
    int stop = Integer.parseInt(mix.of(Option.STOP));
    assertThat(train(halves, stop, "data.workers=" + workers[0])).isEqualTo(Trainer.End.STOPPED);
    assertThat(train(halves, SmallRun.TO_THE_END, "data.workers=" + workers[1], "output.keep=3"))
        .isEqualTo(Trainer.End.FINISHED);
    halves.assertEndedLike(whole);
    if (!mix.is(Option.EMA, "none")) {
      assertThat(halves.newestCheckpoint().resolve("average.safetensors"))
          .hasSameBinaryContentAs(whole.newestCheckpoint().resolve("average.safetensors"));
    }
    onlyWhatIsTrainedMoves(whole);
    gradientsDependOnNoExecution(mix, whole);
    whatIsExportedIsWhatWasEvaluated(mix, whole, recipes.reloaded(mix, whole));
    delete(place);
  }

  private Trainer.End train(SmallRun run, int steps, String... more) throws IOException {
    return run.train(steps, new SmallRun.Notes(), with(more).toArray(String[]::new));
  }

  private List<String> with(String... more) {
    List<String> all = new ArrayList<>(overrides);
    all.addAll(List.of(more));
    return all;
  }

  private void onlyWhatIsTrainedMoves(SmallRun run) throws IOException {
    JsonNode last = run.rows().stream().filter(row -> !row.has("eval")).toList().getLast();
    long skipped = last.has("skipped_steps") ? last.get("skipped_steps").asLong() : 0;
    try (LoadedRun first = LoadedRun.first(ENGINE, run, overrides);
        SafetensorsFile after =
            SafetensorsFile.open(run.newestCheckpoint().resolve("model.safetensors"))) {
      Set<String> trained = new HashSet<>(first.trained());
      Map<String, float[]> before = first.weights();
      assertThat(after.names()).containsExactlyInAnyOrderElementsOf(before.keySet());
      for (String name : before.keySet()) {
        if (!trained.contains(name)) {
          assertThat(Arrays.equals(after.floats(name), before.get(name))).as(name).isTrue();
        } else if (skipped < OptionMix.LENGTH - 1) {
          assertThat(Arrays.equals(after.floats(name), before.get(name))).as(name).isFalse();
        }
      }
      try (SafetensorsFile moments =
          SafetensorsFile.open(run.newestCheckpoint().resolve("optimizer.safetensors"))) {
        assertThat(moments.names()).hasSize(2 * trained.size());
      }
    }
  }

  private void gradientsDependOnNoExecution(OptionMix mix, SmallRun run) throws IOException {
    String plain = "compute.activations=keep";
    String all = "batch.micro=8";
    Map<String, float[]> wanted = gradients(run, with("precision=fp32", plain, all));
    compare(gradients(run, with("precision=fp32")), wanted, 1e-5);
    compare(gradients(run, with("precision=fp32", all)), wanted, 1e-5);
    compare(gradients(run, with("precision=fp32", plain, "batch.micro=3")), wanted, 1e-5);
    if (!mix.is(Option.PRECISION, "fp32")) {
      compare(gradients(run, overrides), gradients(run, with(plain, all)), 2e-2);
    }
  }

  private static Map<String, float[]> gradients(SmallRun run, List<String> overrides)
      throws IOException {
    long before = ENGINE.openTensors();
    Map<String, float[]> found;
    try (LoadedRun loaded = LoadedRun.newest(ENGINE, run, overrides)) {
      long open = ENGINE.openTensors();
      found = loaded.gradients();
      assertThat(ENGINE.openTensors()).isEqualTo(open);
    }
    assertThat(ENGINE.openTensors()).isEqualTo(before);
    return found;
  }

  private static void compare(
      Map<String, float[]> found, Map<String, float[]> wanted, double tolerance) {
    assertThat(found.keySet()).isEqualTo(wanted.keySet());
    found.forEach((name, values) -> assertNear(name, values, wanted.get(name), tolerance));
  }

  private static void assertNear(
      String name, float[] found, float @Nullable [] wanted, double tolerance) {
    float[] values = Objects.requireNonNull(wanted, name);
    double size = 1;
    double difference = 0;
    for (int i = 0; i < found.length; i++) {
      size = Math.max(size, Math.abs(values[i]));
      difference = Math.max(difference, Math.abs(found[i] - values[i]));
    }
    assertThat(difference).as(name).isLessThanOrEqualTo(tolerance * size);
  }

  private void whatIsExportedIsWhatWasEvaluated(OptionMix mix, SmallRun run, List<String> reloaded)
      throws IOException {
    float[][] wanted;
    try (LoadedRun loaded = LoadedRun.newest(ENGINE, run, overrides)) {
      long open = ENGINE.openTensors();
      wanted = loaded.features(mix.exportsAverage());
      assertThat(ENGINE.openTensors()).isEqualTo(open);
    }
    // Merged adapters round otherwise.
    double tolerance = !mix.adapted() ? 0 : mix.is(Option.PRECISION, "fp32") ? 1e-5 : 5e-2;
    try (LoadedRun loaded = LoadedRun.first(ENGINE, run, reloaded)) {
      float[][] found = loaded.features(false);
      for (int i = 0; i < wanted.length; i++) {
        assertNear("row " + i, found[i], wanted[i], tolerance);
      }
      if (mix.exportsWhatIsEvaluated() && !mix.adapted()) {
        assertThat(loaded.evaluations()).isEqualTo(lastEvaluations(run));
      }
    }
  }

  private static Map<String, Map<String, Double>> lastEvaluations(SmallRun run) throws IOException {
    var evaluations = new TreeMap<String, Map<String, Double>>();
    for (JsonNode row : run.rows()) {
      if (row.has("eval") && row.get("step").asLong() == OptionMix.LENGTH) {
        var metrics = new TreeMap<String, Double>();
        row.properties().stream()
            .filter(field -> !Set.of("step", "eval").contains(field.getKey()))
            .forEach(field -> metrics.put(field.getKey(), field.getValue().asDouble()));
        evaluations.put(row.get("eval").asText(), metrics);
      }
    }
    return evaluations;
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> all = Files.walk(folder)) {
      for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(Objects.requireNonNull(path));
      }
    }
  }
}
