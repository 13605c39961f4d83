package dev.eosin.eval.samples;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.DataException;
import dev.eosin.eval.probes.AreaUnderCurve;
import dev.eosin.eval.probes.Difference;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.probes.MeanFigures;
import dev.eosin.eval.probes.Resamples;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was found of samples: curves of it, and on disk.
class SamplesTest {
  private static final int ROWS = 57;

  @TempDir private Path folder;

  private static RandomStream random(int row) {
    return new RandomKey(11).stream(RandomKey.Purpose.SYNTHETIC_TILE, 0, row);
  }

  private static LabelScores scores(int run) {
    double[][] scores = new double[ROWS][3];
    int[] truth = new int[ROWS];
    for (int i = 0; i < ROWS; i++) {
      RandomStream random = random(i + 1000 * run);
      truth[i] = random(i).nextInt(3);
      for (int k = 0; k < 3; k++) {
        // Few values, so that many are equal.
        scores[i][k] = (random.nextInt(5) + (k == truth[i] ? 1 : 0)) / 7.0;
      }
    }
    return new LabelScores(scores, truth);
  }

  private static List<Sample> samples() {
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < ROWS; i++) {
      Optional<String> group = i % 3 == 0 ? Optional.empty() : Optional.of("g" + i / 4);
      samples.add(new Sample("tile \"%d\"\n<b>".formatted(i), group, Optional.empty()));
    }
    return samples;
  }

  @Test
  void theAreaBelowACurveIsThatOfTheFigures() {
    LabelScores scores = scores(0);
    for (int label = 0; label < 3; label++) {
      double[] own = new double[ROWS];
      boolean[] positive = new boolean[ROWS];
      for (int i = 0; i < ROWS; i++) {
        own[i] = scores.scores()[i][label];
        positive[i] = scores.truth()[i] == label;
      }
      RocCurve curve = RocCurve.of(own, positive);
      assertThat(curve.area())
          .isCloseTo(new AreaUnderCurve(own, positive).value().orElseThrow(), within(1e-12));
      assertThat(curve.falsePositives()).isSorted().startsWith(0).endsWith(1);
      assertThat(curve.truePositives()).isSorted().startsWith(0).endsWith(1);
      assertThat(curve.thinned(4).falsePositives()).hasSize(4).startsWith(0).endsWith(1);
    }
    assertThat(RocCurve.of(new double[3], new boolean[3]).falsePositives()).isEmpty();
  }

  @Test
  void aFileGivesBackTheSameFiguresAndResamples() throws IOException {
    var mean = new MeanFigures(List.of(scores(0), scores(1)));
    SequencedMap<String, SampleResults> results = new LinkedHashMap<>();
    List<String> labels = List.of("a", "b,", "<c>");
    results.put("one", SampleResults.Labelled.of(scores(0), samples(), labels).orElseThrow());
    results.put("mean", SampleResults.Labelled.of(mean, samples(), labels).orElseThrow());
    double[][] values = new double[ROWS][2];
    for (int i = 0; i < ROWS; i++) {
      values[i][0] = i % 2;
      values[i][1] = i < 10 ? Double.NaN : 1.0 / i;
    }
    results.put("valued", new SampleResults.Valued(List.of("hit", "rank"), samples(), values));
    Path file = folder.resolve(SamplesFile.NAME);
    SamplesFile.write(file, results);
    SequencedMap<String, SampleResults> read = SamplesFile.read(file);
    assertThat(read.keySet()).containsExactly("one", "mean", "valued");
    assertThat(Objects.requireNonNull(read.get("mean")).figures().values())
        .isEqualTo(mean.values());
    var key = new RandomKey(4);
    for (String name : read.keySet()) {
      SampleResults before = Objects.requireNonNull(results.get(name));
      SampleResults after = Objects.requireNonNull(read.get(name));
      assertThat(after.samples()).isEqualTo(before.samples());
      assertThat(after.figures().measured(after.resamples(key), 30))
          .isEqualTo(before.figures().measured(before.resamples(key), 30));
    }
    assertThat(Objects.requireNonNull(read.get("valued")).figures().value("hit"))
        .isCloseTo(28.0 / 57, within(1e-12));

    List<String> lines = Files.readAllLines(file);
    Files.write(file, lines.subList(0, lines.size() - 3));
    assertThatThrownBy(() -> SamplesFile.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the file ends, expected 57 samples of valued");
    Files.writeString(file, "{\"evaluation\": \"x\", \"samples\": 1, \"labels\": [\"a\"]}\n[]\n");
    assertThatThrownBy(() -> SamplesFile.read(file))
        .hasMessageContaining("line 2 is no JSON object");
  }

  @Test
  void figuresOfOtherRowsAreNotOfTheSamples() {
    assertThat(SampleResults.Labelled.of(scores(0), samples().subList(1, ROWS), List.of("a")))
        .isEmpty();
  }

  /// Which means are kept may depend on the answers, so that two models have others.
  @Test
  void figuresThatOneLacksAreNotCompared() {
    List<Sample> samples = samples().subList(0, 2);
    var one = new SampleResults.Valued(List.of("a", "b"), samples, new double[][] {{1, 2}, {3, 4}});
    var two = new SampleResults.Valued(List.of("c", "b"), samples, new double[][] {{5, 6}, {7, 8}});
    List<SampleResults> common = SampleResults.ofCommonFigures(List.of(one, two));
    Resamples resamples = common.getFirst().resamples(new RandomKey(1));
    Map<String, Difference> differences =
        Difference.of(common.getLast().figures(), common.getFirst().figures(), resamples, 20);
    assertThat(differences).containsOnlyKeys("b");
    assertThat(Objects.requireNonNull(differences.get("b")).value()).isEqualTo(4);
  }
}
