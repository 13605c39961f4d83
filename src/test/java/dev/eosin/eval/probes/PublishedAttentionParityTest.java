package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The networks of eva and Patho-Bench against torch: the case `bags`, of scripts/record-bags.py.
@Tag("parity")
class PublishedAttentionParityTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final double TOLERANCE = 1e-5;

  private static List<float[][]> bags(SafetensorsFile recorded) throws IOException {
    float[] tiles = recorded.floats("tiles");
    int width = recorded.header("tiles").shape().getLast().intValue();
    List<float[][]> bags = new ArrayList<>();
    int from = 0;
    for (long size : recorded.longs("sizes")) {
      float[][] bag = new float[(int) size][];
      for (int tile = 0; tile < size; tile++, from += width) {
        bag[tile] = Arrays.copyOfRange(tiles, from, from + width);
      }
      bags.add(bag);
    }
    return bags;
  }

  private static void assertLogits(PublishedAttention found, List<float[][]> bags, float[] theirs) {
    int count = theirs.length / bags.size();
    for (int bag = 0; bag < bags.size(); bag++) {
      float[] logits = found.logits(bags.get(bag));
      assertThat(logits).hasSize(count);
      for (int k = 0; k < count; k++) {
        assertThat((double) logits[k]).isCloseTo(theirs[bag * count + k], within(TOLERANCE));
      }
    }
  }

  private static void assign(PublishedAttention ours, SafetensorsFile recorded, String name)
      throws IOException {
    for (Parameter parameter : ours.parameters().all()) {
      String key = name + ".first." + parameter.name();
      long[] shape = recorded.header(key).shape().stream().mapToLong(s -> s).toArray();
      assertThat(shape).as(key).isEqualTo(parameter.data().shape());
      try (Tensor values = ENGINE.of(recorded.floats(key), shape)) {
        ours.parameters().assign(parameter.name(), values);
      }
    }
  }

  private static void assertRisks(PublishedAttention found, List<float[][]> bags, float[] theirs) {
    assertThat(theirs).hasSize(bags.size());
    for (int bag = 0; bag < theirs.length; bag++) {
      assertThat(found.risk(bags.get(bag))).isCloseTo(theirs[bag], within(TOLERANCE));
    }
  }

  @Test
  void survivalIsTorchs() throws IOException {
    String name = "patho-bench-survival";
    ParityCase parity = ParityCase.open("bags");
    JsonNode about = new ObjectMapper().readTree(parity.text("case.json"));
    double lr = about.path("lr").asDouble();
    double decay = about.path("decay").asDouble();
    try (var recorded = SafetensorsFile.open(parity.file("recorded.safetensors"))) {
      List<float[][]> bags = bags(recorded);
      int width = bags.getFirst()[0].length;
      var built = PublishedAttention.Built.PATHO_BENCH;
      try (var ours =
          new PublishedAttention(ENGINE, new RandomKey(1), built, width, 4, lr, decay)) {
        assign(ours, recorded, name);
        assertRisks(ours, bags, recorded.floats(name + ".risks"));
        long[] intervals = recorded.longs(name + ".intervals");
        long[] events = recorded.longs(name + ".events");
        float[] losses = recorded.floats(name + ".losses");
        assertThat(losses).hasSize(2 * about.path("updates").asInt());
        for (int update = 0; update < losses.length; update++) {
          int bag = update % bags.size();
          double loss =
              ours.learn(
                  bags.get(bag), (int) intervals[bag], events[bag] == 1, lr, OptionalLong.empty());
          assertThat(loss).as("update " + update).isCloseTo(losses[update], within(TOLERANCE));
        }
        assertRisks(ours, bags, recorded.floats(name + ".risks-after"));
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"eva-2, EVA, 2", "eva-3, EVA, 3", "patho-bench-3, PATHO_BENCH, 3"})
  void updatesAreTorchs(String name, PublishedAttention.Built built, int classes)
      throws IOException {
    ParityCase parity = ParityCase.open("bags");
    JsonNode about = new ObjectMapper().readTree(parity.text("case.json"));
    double lr = about.path("lr").asDouble();
    try (var recorded = SafetensorsFile.open(parity.file("recorded.safetensors"))) {
      List<float[][]> bags = bags(recorded);
      int width = bags.getFirst()[0].length;
      try (var ours =
          new PublishedAttention(
              ENGINE,
              new RandomKey(1),
              built,
              width,
              classes,
              lr,
              about.path("decay").asDouble())) {
        assign(ours, recorded, name);
        assertLogits(ours, bags, recorded.floats(name + ".logits"));
        long[] labels = recorded.longs(name + ".labels");
        int batch = about.path("batch").path(name).asInt();
        float[] losses = recorded.floats(name + ".losses");
        assertThat(losses).hasSize(about.path("updates").asInt());
        for (int update = 0; update < losses.length; update++) {
          List<float[][]> some = new ArrayList<>();
          int[] truth = new int[batch];
          for (int i = 0; i < batch; i++) {
            int row = (update * batch + i) % bags.size();
            some.add(bags.get(row));
            truth[i] = (int) labels[row];
          }
          double loss = ours.learn(some, truth, lr, OptionalLong.empty());
          assertThat(loss).as("update " + update).isCloseTo(losses[update], within(TOLERANCE));
        }
        assertLogits(ours, bags, recorded.floats(name + ".after"));
      }
    }
  }

  private static double firstLoss(float[][] tiles, OptionalLong dropout) {
    try (var ours =
        new PublishedAttention(
            ENGINE,
            new RandomKey(1),
            PublishedAttention.Built.PATHO_BENCH,
            tiles[0].length,
            3,
            1e-3,
            0)) {
      return ours.learn(List.<float[][]>of(tiles), new int[] {1}, 1e-3, dropout);
    }
  }

  @Test
  void dropoutIsAFunctionOfItsSeedAndLeavesNothingOutWithoutOne() {
    float[][] tiles = new float[40][16];
    for (int i = 0; i < 640; i++) {
      tiles[i / 16][i % 16] = (float) Math.sin(i);
    }
    double one = firstLoss(tiles, OptionalLong.of(3));
    assertThat(firstLoss(tiles, OptionalLong.of(3))).isEqualTo(one);
    assertThat(firstLoss(tiles, OptionalLong.of(4))).isNotEqualTo(one);
    double whole = firstLoss(tiles, OptionalLong.empty());
    double[] many = new double[60];
    Arrays.setAll(many, seed -> firstLoss(tiles, OptionalLong.of(100 + seed)));
    // What is left is scaled, so that the mean over seeds is near the whole.
    assertThat(Arrays.stream(many).average().orElseThrow()).isCloseTo(whole, within(0.05));
  }
}
