package dev.eosin.eval.probes;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Gated attention over tiles against torch: the case `probes`.
@Tag("parity")
class AttentionPoolingParityTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final double TOLERANCE = 2e-5;
  private static final double TRAINED = 1e-4;
  private static final int ROUNDS = 3;

  private final ParityCase parity = ParityCase.open("probes");
  private SafetensorsFile inputs;
  private SafetensorsFile expected;
  private AttentionPooling pooling;

  @BeforeEach
  void open() throws IOException {
    inputs = SafetensorsFile.open(parity.file("inputs.safetensors"));
    expected = SafetensorsFile.open(parity.file("expected.safetensors"));
    List<Long> embed = inputs.header("mil.weight.embed.weight").shape();
    int attention = inputs.header("mil.weight.attention_V.weight").shape().getFirst().intValue();
    int classes = inputs.header("mil.weight.classifier.weight").shape().getFirst().intValue();
    int hidden = embed.getFirst().intValue();
    pooling =
        new AttentionPooling(
            ENGINE,
            new RandomKey(1),
            embed.getLast().intValue(),
            classes,
            new AttentionPooling.Settings(hidden, attention, 1e-3, 1e-5));
    for (Parameter parameter : pooling.parameters().all()) {
      String name = "mil.weight." + parameter.name();
      long[] shape = inputs.header(name).shape().stream().mapToLong(Long::longValue).toArray();
      try (Tensor values = ENGINE.of(inputs.floats(name), shape)) {
        pooling.parameters().assign(parameter.name(), values);
      }
    }
  }

  @AfterEach
  void close() {
    pooling.close();
    inputs.close();
    expected.close();
  }

  private float[][] bag(int number) throws IOException {
    int slide = (int) inputs.longs("mil.bags")[number];
    long[] sizes = inputs.longs("slides.sizes");
    int width = inputs.header("slides.tiles").shape().getLast().intValue();
    int from = (int) Arrays.stream(sizes).limit(slide).sum();
    float[] tiles = inputs.floats("slides.tiles");
    float[][] bag = new float[(int) sizes[slide]][];
    for (int tile = 0; tile < bag.length; tile++) {
      bag[tile] = Arrays.copyOfRange(tiles, (from + tile) * width, (from + tile + 1) * width);
    }
    return bag;
  }

  private int bags() throws IOException {
    return inputs.longs("mil.bags").length;
  }

  private void assertClose(String name, float[] found, double tolerance) throws IOException {
    float[] theirs = expected.floats(name);
    assertThat(found).as(name).hasSameSizeAs(theirs);
    for (int i = 0; i < theirs.length; i++) {
      assertThat((double) found[i]).as(name).isCloseTo(theirs[i], within(tolerance));
    }
  }

  @Test
  void logitsAttentionAndEmbeddingAreTorchs() throws IOException {
    for (int bag = 0; bag < bags(); bag++) {
      AttentionPooling.Reading reading = pooling.read(bag(bag));
      assertClose("mil.%d.logits".formatted(bag), reading.logits(), TOLERANCE);
      assertClose("mil.%d.attention".formatted(bag), reading.attention(), TOLERANCE);
      assertClose("mil.%d.embedding".formatted(bag), reading.embedding(), TOLERANCE);
    }
  }

  @Test
  void gradientsAreTorchs() throws IOException {
    long[] labels = inputs.longs("mil.labels");
    for (int bag = 0; bag < bags(); bag++) {
      float[][] tiles = bag(bag);
      float[] flat = new float[tiles.length * tiles[0].length];
      for (int i = 0; i < flat.length; i++) {
        flat[i] = tiles[i / tiles[0].length][i % tiles[0].length];
      }
      Map<String, float[]> gradients = new HashMap<>();
      try (Tape tape = new Tape(ENGINE);
          Tensor data = ENGINE.of(flat, tiles.length, tiles[0].length)) {
        Value leaf = tape.leaf(data);
        Value loss = pooling.loss(tape, leaf, (int) labels[bag]);
        assertClose("mil.%d.loss".formatted(bag), loss.data().toFloats(), TOLERANCE);
        tape.backward(
            loss,
            (ready, values) -> {
              for (int i = 0; i < ready.size(); i++) {
                gradients.put(ready.get(i).name(), values.get(i).toFloats());
                values.get(i).close();
              }
            });
        try (Tensor ofTiles = tape.takeGradient(leaf)) {
          gradients.put("tiles", ofTiles.toFloats());
        }
      }
      String prefix = "mil.%d.grad.".formatted(bag);
      List<String> names = expected.names().stream().filter(n -> n.startsWith(prefix)).toList();
      assertThat(names).hasSize(pooling.parameters().all().size() + 1);
      for (String name : names) {
        assertClose(
            name,
            Objects.requireNonNull(gradients.get(name.substring(prefix.length()))),
            TOLERANCE);
      }
    }
  }

  @Test
  void trainingFollowsTorchs() throws IOException {
    long[] labels = inputs.longs("mil.labels");
    float[] losses = expected.floats("mil.train.loss");
    assertThat(losses).hasSize(ROUNDS * bags());
    for (int update = 0; update < losses.length; update++) {
      int bag = update % bags();
      double loss = pooling.learn(bag(bag), (int) labels[bag]);
      assertThat(loss).isCloseTo(losses[update], within(TRAINED));
    }
    for (Parameter parameter : pooling.parameters().all()) {
      // The bias under a softmax has no gradient but rounding, which AdamW makes into whole steps.
      if (!parameter.name().equals("attention_w.bias")) {
        assertClose("mil.train.final." + parameter.name(), parameter.data().toFloats(), TRAINED);
      }
    }
  }
}
