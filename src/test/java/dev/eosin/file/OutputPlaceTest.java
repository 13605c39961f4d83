package dev.eosin.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class OutputPlaceTest {
  @TempDir private Path folder;

  @Test
  void whatCanBeMadeIsLeftAsItIs() throws IOException {
    OutputPlace.requireFile(folder.resolve("new/deep/out.json"));
    OutputPlace.requireRoom(folder.resolve("other"));
    try (Stream<Path> inside = Files.list(folder)) {
      assertThat(inside).isEmpty();
    }
  }

  @Test
  void aFolderIsNoFileAndAFileNoFolder() throws IOException {
    assertThatThrownBy(() -> OutputPlace.requireFile(folder))
        .isInstanceOf(DataException.class)
        .hasMessage(folder + ": is a folder; name a file in it");
    Path file = Files.createFile(folder.resolve("file"));
    Path below = file.resolve("a/b");
    assertThatThrownBy(() -> OutputPlace.requireRoom(below))
        .isInstanceOf(DataException.class)
        .hasMessage("%s: cannot be written: %s is a file, not a folder".formatted(below, file));
  }

  @Test
  @EnabledOnOs(OS.LINUX)
  void aFolderThatTakesNothingIsNamed() {
    String said = "/proc/x/y: cannot be written: nothing can be made in the folder /proc";
    Path place = Path.of("/proc/x/y");
    assertThatThrownBy(() -> OutputPlace.requireFile(place)).hasMessage(said);
    assertThatThrownBy(() -> AtomicFile.write(place, FileContent.text("a"))).hasMessage(said);
  }
}
