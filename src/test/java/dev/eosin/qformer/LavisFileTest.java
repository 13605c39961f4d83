package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.NameTable;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Path;
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
    return TinyStarts.spec(24, reads ? Optional.of(words) : Optional.empty());
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
    Path file = folder.resolve("stage1.safetensors");
    Map<String, float[]> values = TinyStarts.lavis(file, 24, 30, 20);
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
      Map<String, float[]> values = TinyStarts.lavis(file, table, List.of(norm, qformer, last));
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
    TinyStarts.lavis(file, table, List.of(qformer));
    assertThatThrownBy(() -> QFormerFolder.open(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("alone.safetensors: has a Q-Former of LAVIS, but no heads");
  }
}
