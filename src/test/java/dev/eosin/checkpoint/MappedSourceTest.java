package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.file.FileDigest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MappedSourceTest {
  private static final FileTime THEN = FileTime.from(Instant.parse("2026-01-02T03:04:05Z"));
  private static final FileTime LATER = FileTime.from(Instant.parse("2026-01-02T03:04:06Z"));
  @TempDir Path folder;

  private Path file(String name, float... values) throws IOException {
    Path file = folder.resolve(name);
    String tensor = name.replace(".safetensors", "");
    new SafetensorsWriter(Map.of()).add(tensor, TensorData.of(values, values.length)).write(file);
    return Files.setLastModifiedTime(file, THEN);
  }

  private String sha256(Path path) throws DataException {
    try (StoredTensors opened = StoredTensors.open(path)) {
      MappedSource source = MappedSource.of(opened, folder.resolve("cache"));
      assertThat(source.path()).isEqualTo(path);
      return source.sha256();
    }
  }

  private String memory() throws IOException {
    return Files.readString(folder.resolve("cache").resolve(MappedSource.MEMORY));
  }

  @Test
  void aFileThatWasTouchedIsReadAgainAndIsTheSame() throws IOException {
    Path file = file("a.safetensors", 1, 2);
    String first = sha256(file);
    assertThat(first).isEqualTo(FileDigest.of(file).sha256());
    assertThat(memory()).contains(file.toRealPath().toString(), first, THEN.toString());
    Files.setLastModifiedTime(file, LATER);
    assertThat(sha256(file)).isEqualTo(first);
    assertThat(memory()).contains(LATER.toString()).doesNotContain(THEN.toString());
  }

  @Test
  void aFileThatChangedIsAnother() throws IOException {
    Path file = file("a.safetensors", 1, 2);
    String first = sha256(file);
    file("a.safetensors", 1, 3);
    Files.setLastModifiedTime(file, LATER);
    assertThat(sha256(file)).isNotEqualTo(first).isEqualTo(FileDigest.of(file).sha256());
  }

  @Test
  void aFileOfAnotherSizeIsAnotherWhateverItsTime() throws IOException {
    Path file = file("a.safetensors", 1, 2);
    String first = sha256(file);
    file("a.safetensors", 1, 2, 3);
    assertThat(sha256(file)).isNotEqualTo(first).isEqualTo(FileDigest.of(file).sha256());
  }

  /// What the class says of its limits, and the proof that nothing is read twice.
  @Test
  void aFileThatIsKnownAgainIsNotRead() throws IOException {
    Path file = file("a.safetensors", 1, 2);
    String first = sha256(file);
    file("a.safetensors", 1, 3);
    assertThat(sha256(file)).isEqualTo(first).isNotEqualTo(FileDigest.of(file).sha256());
  }

  @Test
  void aFileThatChangedJustNowIsNotRemembered() throws IOException {
    Path file = file("a.safetensors", 1, 2);
    Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
    assertThat(sha256(file)).isEqualTo(FileDigest.of(file).sha256());
    assertThat(folder.resolve("cache").resolve(MappedSource.MEMORY)).doesNotExist();
  }

  @Test
  void filesThatAreGoneAreForgotten() throws IOException {
    Path gone = file("gone.safetensors", 1);
    sha256(gone);
    assertThat(memory()).contains("gone.safetensors");
    Files.delete(gone);
    sha256(file("kept.safetensors", 2));
    sha256(file("next.safetensors", 3));
    assertThat(memory())
        .doesNotContain("gone.safetensors")
        .contains("kept.safetensors", "next.safetensors");
  }

  @Test
  void anIndexStandsForAllItsFiles() throws IOException, NoSuchAlgorithmException {
    Path a = file("a.safetensors", 1);
    Path b = file("b.safetensors", 2);
    Path index = folder.resolve("model.safetensors.index.json");
    Files.writeString(
        index, "{\"weight_map\": {\"a\": \"a.safetensors\", \"b\": \"b.safetensors\"}}");
    Files.setLastModifiedTime(index, THEN);
    var lines = new StringBuilder();
    for (Path each : new Path[] {index, a, b}) {
      lines
          .append(FileDigest.of(each).sha256())
          .append("  ")
          .append(each.getFileName())
          .append('\n');
    }
    byte[] digest =
        MessageDigest.getInstance("SHA-256")
            .digest(lines.toString().getBytes(StandardCharsets.UTF_8));
    String first = sha256(index);
    assertThat(first).isEqualTo(HexFormat.of().formatHex(digest));
    file("b.safetensors", 3);
    Files.setLastModifiedTime(b, LATER);
    assertThat(sha256(index)).isNotEqualTo(first);
  }

  @Test
  void severalMayAskAtOnce() throws Exception {
    for (int i = 0; i < 8; i++) {
      file("%d.safetensors".formatted(i), i);
    }
    try (ExecutorService threads = Executors.newFixedThreadPool(8)) {
      var asked =
          threads.invokeAll(
              IntStream.range(0, 8)
                  .<Callable<String>>mapToObj(
                      i -> () -> sha256(folder.resolve("%d.safetensors".formatted(i))))
                  .toList());
      for (Future<String> each : asked) {
        assertThat(memory()).contains(each.get());
      }
    }
  }

  @Test
  void aMemoryThatIsNoneIsNamed() throws IOException {
    Path file = file("a.safetensors", 1, 2);
    Path memory = folder.resolve("cache").resolve(MappedSource.MEMORY);
    Files.createDirectories(memory.getParent());
    Files.writeString(memory, "{");
    assertThatThrownBy(() -> sha256(file))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(memory.toString(), "is not valid JSON", "may be removed");
    String entry = "{\"%s\": {\"bytes\": \"many\"}}".formatted(file.toRealPath());
    Files.writeString(memory, entry);
    assertThatThrownBy(() -> sha256(file))
        .isInstanceOf(DataException.class)
        .hasMessageContainingAll(memory.toString(), "'bytes'", "may be removed");
  }
}
