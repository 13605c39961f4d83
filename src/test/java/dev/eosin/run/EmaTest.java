package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.train.Trainer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmaTest {
  private static final String EVERY = "output.checkpoint-every=1 steps";
  private static final String KEEP = "output.keep=20";

  @TempDir Path home;

  private static Map<String, float[]> tensors(Path file) throws IOException {
    var tensors = new TreeMap<String, float[]>();
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      for (String name : opened.names()) {
        tensors.put(name, opened.entry(name).floats());
      }
    }
    return tensors;
  }

  private static Map<String, float[]> weights(SmallRun run, long step) throws IOException {
    return tensors(run.checkpoint(step).resolve("model.safetensors"));
  }

  private static List<JsonNode> rows(SmallRun run, boolean evaluations) throws IOException {
    return run.rows().stream().filter(row -> row.has("eval") == evaluations).toList();
  }

  /// With a warm-up, update n keeps min(0.5, (1 + n) / (10 + n)) of the average: below 0.5 up to
  /// update 7.
  @Test
  void theAverageIsThatOfTheSavedWeights() throws IOException {
    SmallRun run = SmallRun.in(home);
    String[] settings = {"ema.decay=0.5", EVERY, KEEP};
    run.train(0, new SmallRun.Notes(), settings);
    run.train(settings);
    Map<String, double[]> expected = new TreeMap<>();
    for (int n = 0; n <= SmallRun.LENGTH; n++) {
      double kept = n == 0 ? 0 : Math.min(0.5, (1.0 + n) / (10 + n));
      weights(run, n)
          .forEach(
              (name, values) -> {
                double[] average = expected.computeIfAbsent(name, key -> new double[values.length]);
                for (int i = 0; i < values.length; i++) {
                  average[i] = kept * average[i] + (1 - kept) * values[i];
                }
              });
    }
    Map<String, float[]> found =
        tensors(run.checkpoint(SmallRun.LENGTH).resolve("average.safetensors"));
    assertThat(found.keySet()).isEqualTo(expected.keySet());
    found.forEach(
        (name, values) -> {
          double[] wanted = Objects.requireNonNull(expected.get(name));
          for (int i = 0; i < values.length; i++) {
            assertThat((double) values[i]).as(name).isEqualTo(wanted[i], within(1e-5));
          }
        });
  }

  @Test
  void evaluationsSeeTheAverageAndTrainingDoesNot() throws IOException {
    SmallRun plain = SmallRun.in(home.resolve("plain"));
    plain.train();
    SmallRun averaged = plain.copyTo(home.resolve("averaged"));
    averaged.train("ema={decay: 0.9, export: true}");
    assertThat(rows(averaged, false)).isEqualTo(rows(plain, false));
    assertThat(rows(averaged, true)).isNotEqualTo(rows(plain, true));
    long end = SmallRun.LENGTH;
    String exported = "final/open_clip_model.safetensors";
    assertThat(tensors(averaged.folder().resolve(exported)).get("visual.proj"))
        .isEqualTo(
            tensors(averaged.checkpoint(end).resolve("average.safetensors"))
                .get("image.projection"))
        .isNotEqualTo(weights(averaged, end).get("image.projection"));
    assertThat(averaged.checkpoint(end).resolve("model.safetensors"))
        .hasSameBinaryContentAs(plain.checkpoint(end).resolve("model.safetensors"));

    SmallRun kept = plain.copyTo(home.resolve("kept"));
    kept.train("ema={decay: 0.9, evaluate: false}");
    kept.assertEndedLike(plain);
  }

  @Test
  void aRunWithAnAverageGroupsAndALockResumesExactly() throws IOException {
    String[] all = {
      "ema.decay=0.9",
      "precision=bf16",
      "lock.image-tower.unlocked-groups=3",
      "optimizer.groups=[{match: 'text.**', lr-scale: 0.1, weight-decay: 0}]",
      "optimizer.layer-decay=0.75"
    };
    SmallRun whole = SmallRun.in(home.resolve("whole"));
    whole.train(all);
    SmallRun stopped = whole.copyTo(home.resolve("stopped"));
    assertThat(stopped.train(4, new SmallRun.Notes(), all)).isEqualTo(Trainer.End.STOPPED);
    stopped.train(all);
    stopped.assertEndedLike(whole);
    assertThat(stopped.newestCheckpoint().resolve("average.safetensors"))
        .hasSameBinaryContentAs(whole.newestCheckpoint().resolve("average.safetensors"));
  }
}
