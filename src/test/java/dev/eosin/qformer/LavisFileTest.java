package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorRule;
import dev.eosin.config.DataException;
import dev.eosin.nn.Part;
import dev.eosin.nn.Weight;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Checkpoints of LAVIS with small tensors.
class LavisFileTest {
  private static QFormerSpec spec(boolean reads) {
    QFormerSpec.Words words = new QFormerSpec.Words(30, 20);
    QFormerSpec full = QFormerSpec.bertBase(24, reads ? Optional.of(words) : Optional.empty());
    return new QFormerSpec(
        4, 64, 1, 96, 24, 2, 5, full.words(), full.normEpsilon(), full.dropout());
  }

  /// Writes what training stores, with some of a frozen tower and the tied table beside it.
  private static Map<String, float[]> write(Path file, NameTable table, List<Part> parts) {
    Map<String, float[]> values = new HashMap<>();
    Map<String, TensorRule> rules = new HashMap<>();
    table.rules().forEach(rule -> rules.put(rule.name(), rule));
    SafetensorsWriter writer = new SafetensorsWriter(Map.of());
    for (Part part : parts) {
      for (Weight weight : part.weights()) {
        int size = (int) Arrays.stream(weight.shape()).reduce(1, Math::multiplyExact);
        float[] each = new float[size];
        for (int i = 0; i < size; i++) {
          each[i] = (float) Math.sin(values.size() + i);
        }
        values.put(weight.name(), each);
        TensorRule rule = rules.get(weight.name());
        List<TensorData> foreign = rule.write(TensorData.of(each, weight.shape()));
        for (int i = 0; i < foreign.size(); i++) {
          writer.add(rule.foreignNames().get(i), foreign.get(i));
        }
      }
    }
    writer.add("visual_encoder.pos_embed", TensorData.of(new float[4], 1, 2, 2));
    return write(writer, file, values);
  }

  private static Map<String, float[]> write(
      SafetensorsWriter writer, Path file, Map<String, float[]> values) {
    try {
      writer.write(file);
      return values;
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void assertHolds(QFormerFolder opened, Map<String, float[]> values)
      throws IOException {
    opened.check();
    try (StoredTensors own = opened.weights()) {
      assertThat(own.names()).isEqualTo(new TreeSet<>(values.keySet()));
      for (String name : own.names()) {
        assertThat(own.floats(name)).as(name).isEqualTo(values.get(name));
      }
    }
  }

  @Test
  void aFirstStageIsRead(@TempDir Path folder) throws IOException {
    QFormer qformer = new QFormer("qformer", spec(true));
    ImageNorm norm = new ImageNorm("image-norm", 24, 1e-5);
    AlignmentHeads heads = new AlignmentHeads(qformer, "alignment", 16);
    NameTable table = new NameTable();
    QFormerNames.LAVIS.imageNorm(table, norm);
    QFormerNames.LAVIS.qformer(table, qformer);
    QFormerNames.LAVIS.heads(table, heads);
    Path file = folder.resolve("stage1.safetensors");
    Map<String, float[]> values = write(file, table, List.of(norm, qformer, heads));
    assertThat(QFormerFolder.is(file)).isTrue();
    QFormerFolder opened = QFormerFolder.open(file);
    assertThat(opened.config().kind()).isEqualTo(QFormerKind.ALIGNMENT);
    assertThat(opened.config().qformer()).isEqualTo(spec(true));
    assertThat(opened.config().embedSize()).hasValue(16);
    assertThat(opened.config().normEpsilon()).isEqualTo(1e-5);
    assertHolds(opened, values);
  }

  @Test
  void secondStagesAreReadByTheirProjection(@TempDir Path folder) throws IOException {
    for (String projection : List.of("t5_proj", "opt_proj", "llm_proj")) {
      boolean reads = projection.equals("llm_proj");
      QFormer qformer = new QFormer("qformer", spec(reads));
      ImageNorm norm = new ImageNorm("image-norm", 24, 1e-5);
      LanguageProjection last = new LanguageProjection("language-projection", 64, 40);
      NameTable table = new NameTable();
      QFormerNames.LAVIS.imageNorm(table, norm);
      QFormerNames.LAVIS.qformer(table, qformer);
      QFormerNames.LAVIS.projection(table, last, projection);
      Path file = folder.resolve(projection + ".safetensors");
      Map<String, float[]> values = write(file, table, List.of(norm, qformer, last));
      QFormerFolder opened = QFormerFolder.open(file);
      assertThat(opened.config().kind())
          .isEqualTo(reads ? QFormerKind.INSTRUCT_BLIP : QFormerKind.BLIP2);
      assertThat(opened.config().qformer()).isEqualTo(spec(reads));
      assertHolds(opened, values);
    }
  }

  @Test
  void aQFormerAloneIsNoStage(@TempDir Path folder) {
    QFormer qformer = new QFormer("qformer", spec(false));
    NameTable table = new NameTable();
    QFormerNames.LAVIS.qformer(table, qformer);
    Path file = folder.resolve("alone.safetensors");
    write(file, table, List.of(qformer));
    assertThatThrownBy(() -> QFormerFolder.open(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("alone.safetensors: has a Q-Former of LAVIS, but no heads");
  }
}
