package dev.eosin.eval.embeddings;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.NumpyHeader;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Other programs' embeddings.
class StoredEmbeddingsTest {
  private static final Path SLIDES = Path.of("src/test/resources/slide-features");

  @TempDir private Path home;

  private static void requireFeatures(StoredEmbeddings stored, int first, int count)
      throws IOException {
    float[][] vectors = stored.vectors();
    for (int i = 0; i < count; i++) {
      for (int j = 0; j < 12; j++) {
        assertThat(vectors[i][j]).isEqualTo(((first + i) * 31 + j * 7) % 64 / 64f - 0.5f);
      }
    }
  }

  @Test
  void slidesOfTridentAndClamAreRead() throws IOException {
    try (StoredEmbeddings one =
        StoredEmbeddings.open(SLIDES.resolve("trident.h5"), Optional.empty())) {
      assertThat(one.size()).isEqualTo(19);
      assertThat(one.width()).isEqualTo(12);
      assertThat(one.metadata()).containsEntry("encoder", "conch_v15");
      assertThat(one.rows().get(2).path()).isEqualTo("trident_1024_515");
      assertThat(one.rows().get(2).group()).contains("trident");
      requireFeatures(one, 0, 19);
    }
    try (StoredEmbeddings clam =
        StoredEmbeddings.open(SLIDES.resolve("clam.h5"), Optional.empty())) {
      requireFeatures(clam, 19, 10);
    }
    try (StoredEmbeddings half =
            StoredEmbeddings.open(SLIDES.resolve("half.h5"), Optional.empty());
        StoredEmbeddings bag = StoredEmbeddings.open(SLIDES.resolve("bag.h5"), Optional.empty())) {
      requireFeatures(half, 0, 5);
      requireFeatures(bag, 0, 4);
      assertThat(half.rows().get(4).path()).isEqualTo("half/4");
    }
  }

  @Test
  void aFolderHoldsASlideInEachFile() throws IOException {
    Files.copy(SLIDES.resolve("clam.h5"), home.resolve("b.h5"));
    Files.copy(SLIDES.resolve("half.h5"), home.resolve("a.h5"));
    try (StoredEmbeddings all = StoredEmbeddings.open(home, Optional.empty())) {
      assertThat(all.size()).isEqualTo(15);
      assertThat(all.rows())
          .extracting(row -> row.group().orElseThrow())
          .startsWith("a")
          .endsWith("b");
      float[][] vectors = all.vectors();
      assertThat(vectors[5][0]).isEqualTo(19 * 31 % 64 / 64f - 0.5f);
      assertThat(vectors[4][1]).isEqualTo((4 * 31 + 7) % 64 / 64f - 0.5f);
    }
    assertThatThrownBy(() -> StoredEmbeddings.open(SLIDES.resolve("mixed"), Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("a.h5 has features of 12 numbers by uni, ")
        .hasMessageContaining("b.h5 of 12 by conch: they are of different models");
    assertThatThrownBy(() -> StoredEmbeddings.open(SLIDES.resolve("other.h5"), Optional.empty()))
        .hasMessageContaining("has no dataset 'features', but [labels]");
    Path broken = Files.writeString(home.resolve("broken.h5"), "no HDF5 at all");
    assertThatThrownBy(() -> StoredEmbeddings.open(broken, Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("broken.h5: cannot be read as HDF5");
    byte[] whole = Files.readAllBytes(SLIDES.resolve("trident.h5"));
    Path torn = Files.write(home.resolve("torn.h5"), Arrays.copyOf(whole, 4000));
    assertThatThrownBy(
            () -> {
              try (var stored = StoredEmbeddings.open(torn, Optional.empty())) {
                stored.vectors();
              }
            })
        .isInstanceOf(DataException.class)
        .hasMessageContaining("torn.h5: cannot be read as HDF5");
  }

  @Test
  void anArrayNeedsATableOfItsRows() throws IOException {
    Path file = home.resolve("e.npy");
    try (OutputStream out = Files.newOutputStream(file)) {
      new NumpyHeader("<f8", List.of(2L, 3L)).writeTo(out);
      ByteBuffer numbers = ByteBuffer.allocate(48).order(ByteOrder.LITTLE_ENDIAN);
      for (int i = 0; i < 6; i++) {
        numbers.putDouble(i / 4.0);
      }
      out.write(numbers.array());
    }
    assertThatThrownBy(() -> StoredEmbeddings.open(file, Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("does not say what its 2 rows are; name their table");
    Path table =
        Files.writeString(
            home.resolve("rows.csv"), "filepaths,cat,is_test\na.png,x,False\nb.png,y,True\n");
    try (StoredEmbeddings stored = StoredEmbeddings.open(file, Optional.of(table))) {
      assertThat(stored.vectors()[1]).containsExactly(0.75f, 1, 1.25f);
      assertThat(stored.rows().get(1).path()).isEqualTo("b.png");
      assertThat(stored.rows().get(1).label()).contains("y");
      assertThat(stored.rows().get(1).split()).contains("test");
      assertThat(stored.pins()).isEmpty();
    }
    Files.writeString(table, "path\na\n");
    assertThatThrownBy(() -> StoredEmbeddings.open(file, Optional.of(table)))
        .hasMessageContaining("has 2 embeddings, ")
        .hasMessageContaining("rows.csv 1 rows");
    Files.writeString(file, "no array");
    assertThatThrownBy(() -> StoredEmbeddings.open(file, Optional.of(table)))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("e.npy: is no array of numpy's");
  }

  @Test
  void whatHoldsNoEmbeddingsIsSaid() throws IOException {
    Path states = home.resolve("states.safetensors");
    new SafetensorsWriter(Map.of())
        .add("layer_01", TensorData.of(new float[6], 2, 3))
        .add("layer_02", TensorData.of(new float[6], 2, 3))
        .write(states);
    assertThatThrownBy(() -> StoredEmbeddings.open(states, Optional.empty()))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("holds no embeddings: a matrix named as one of [embedding, ")
        .hasMessageContaining("found layer_01, layer_02");
    Path only = home.resolve("only.safetensors");
    new SafetensorsWriter(Map.of()).add("anything", TensorData.of(new float[6], 2, 3)).write(only);
    assertThatThrownBy(() -> StoredEmbeddings.open(only, Optional.empty()))
        .hasMessageContaining("does not say what its rows are; name their table");
    Path table = Files.writeString(home.resolve("rows.csv"), "path\na\nb\n");
    try (StoredEmbeddings stored = StoredEmbeddings.open(only, Optional.of(table))) {
      assertThat(stored.width()).isEqualTo(3);
    }
    Path text = Files.writeString(home.resolve("e.txt"), "");
    assertThatThrownBy(() -> StoredEmbeddings.open(text, Optional.empty()))
        .hasMessageContaining("expected embeddings, a file that ends in .parquet");
    assertThatThrownBy(() -> StoredEmbeddings.open(home.resolve("no.npz"), Optional.empty()))
        .hasMessageContaining("no.npz: no such file");
  }
}
