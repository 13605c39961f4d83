package dev.eosin.albef;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.config.DataException;
import dev.eosin.config.Steps;
import dev.eosin.file.AtomicFolder;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tower.Vit;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Sizes, soft targets over the steps, and what a BERT gives.
class AlbefTest {
  @TempDir private Path folder;

  /// ViT-B/16 and bert-base with cross-attention in all layers, one id more than bert-base has.
  @Test
  void atItsPublishedSizeItHasSoManyWeights() {
    var vit = new Vit(224, 224, 16, 768, 12, 12, 3072);
    var text = new TextSpec(12, 768, 12, 3072, 768, 30_523, 512, 1e-12);
    Albef model = Albef.of(vit, Activation.QUICK_GELU, text, 256, 0.07, 30_522);
    assertThat(elements(model.trainedWeights())).isEqualTo(223_452_419);
    assertThat(elements(model.momentum().weights())).isEqualTo(223_452_419 - 1_539);
  }

  private static long elements(List<Weight> weights) {
    return weights.stream().mapToLong(Weight::elements).sum();
  }

  @Test
  void theShareOfTheMomentumEncodersGrows() {
    var grows = new ContrastSettings(256, 57_600, 0.995, 0.07, 0.4, new Steps(100));
    assertThat(grows.alphaAt(0)).isZero();
    assertThat(grows.alphaAt(50)).isEqualTo(0.2);
    assertThat(grows.alphaAt(100)).isEqualTo(0.4);
    assertThat(grows.alphaAt(1_000)).isEqualTo(0.4);
    var always = new ContrastSettings(256, 57_600, 0.995, 0.07, 0.4, new Steps(0));
    assertThat(always.alphaAt(0)).isEqualTo(0.4);
  }

  private static TextEncoder encoder(int layers) {
    return new TextEncoder("text", new TextSpec(layers, 4, 2, 6, 5, 9, 7, 1e-12));
  }

  /// A BERT without cross-attention, with one id less, whose tensors hold 0, 1, 2 ...
  private Path bert(TextEncoder encoder) throws IOException {
    var table = new NameTable();
    AlbefNames.text(table, encoder, "bert.");
    var writer = new SafetensorsWriter(Map.of());
    for (TensorRule rule : table.rules()) {
      Weight own =
          encoder.weights().stream()
              .filter(weight -> weight.name().equals(rule.name()))
              .findFirst()
              .orElseThrow();
      for (String name : rule.foreignNames()) {
        if (!name.contains("crossattention")) {
          long[] shape = own.shape().clone();
          int parts = rule.foreignNames().size();
          shape[0] = rule.name().equals(encoder.table()) ? shape[0] - 1 : shape[0] / parts;
          writer.add(
              name.replace("LayerNorm.weight", "LayerNorm.gamma"),
              RecordedAlbef.ENGINE.of(counted(shape), shape));
        }
      }
    }
    Path file = folder.resolve("bert");
    try (AtomicFolder out = AtomicFolder.begin(file)) {
      out.write("model.safetensors", writer);
      out.commit();
    }
    return file.resolve("model.safetensors");
  }

  private static float[] counted(long... shape) {
    float[] values = new float[Math.toIntExact(LongStream.of(shape).reduce(1, (a, b) -> a * b))];
    for (int i = 0; i < values.length; i++) {
      values[i] = i;
    }
    return values;
  }

  @Test
  void aBertGivesAllButWhatLooksAtImages() throws IOException {
    TextEncoder encoder = encoder(2);
    try (ParameterSet set =
            ParameterSet.allocate(
                RecordedAlbef.ENGINE,
                encoder.weights().stream().map(weight -> weight.spec(true)).toList(),
                DType.FLOAT32);
        StoredTensors file = SafetensorsFile.open(bert(encoder))) {
      new Initialiser(new RandomKey(1)).fill(set, encoder.weights());
      float[] looks = set.get("text.blocks.1.cross-attention.query.weight").master().toFloats();
      float[] added = set.get("text.token-embedding").master().toFloats();
      assertThat(new BertWeights(encoder, file).apply(set)).isEqualTo(2 * 8);
      float[] table = set.get("text.token-embedding").master().toFloats();
      assertThat(table[31]).isEqualTo(31);
      assertThat(table[32]).isEqualTo(added[32]);
      float[] query = set.get("text.blocks.1.attention.query-key-value.weight").master().toFloats();
      assertThat(query[16]).isZero();
      assertThat(query[33]).isEqualTo(1);
      assertThat(set.get("text.embedding-norm.weight").master().toFloats())
          .containsExactly(0, 1, 2, 3);
      assertThat(set.get("text.blocks.1.cross-attention.query.weight").master().toFloats())
          .isEqualTo(looks);
    }
  }

  @Test
  void aSmallerBertIsRefused() throws IOException {
    TextEncoder encoder = encoder(3);
    try (ParameterSet set =
            ParameterSet.allocate(
                RecordedAlbef.ENGINE,
                encoder.weights().stream().map(weight -> weight.spec(true)).toList(),
                DType.FLOAT32);
        StoredTensors file = SafetensorsFile.open(bert(encoder(2)))) {
      assertThatThrownBy(() -> new BertWeights(encoder, file).apply(set))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("lacks bert.encoder.layer.2.attention.self.query.weight")
          .hasMessageContaining("a BERT of 3 layers is needed");
    }
  }
}
