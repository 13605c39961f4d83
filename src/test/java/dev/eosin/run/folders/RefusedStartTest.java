package dev.eosin.run.folders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a start leaves that was refused before anything was written.
class RefusedStartTest {
  @TempDir private Path home;

  @Test
  void nothingIsLeftBehind() throws IOException {
    Path folder = home.resolve("run");
    try (RunFolder held = RunFolder.open(folder, false)) {
      assertThat(folder.resolve("run.lock")).exists();
      assertThatThrownBy(() -> RunFolder.open(folder, false))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("another process trains");
      assertThat(held.isWhole()).isTrue();
    }
    assertThat(folder).doesNotExist();
    Files.createDirectory(folder);
    RunFolder.open(folder, false).close();
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void whatWasBegunStays() throws IOException {
    Path folder = home.resolve("run");
    try (RunFolder held = RunFolder.open(folder, false)) {
      Files.writeString(held.recipe(), "kind: clip");
    }
    assertThat(folder.resolve("run.lock")).exists();
  }
}
