package dev.eosin.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFolderTest {
  @TempDir Path run;

  @Test
  void aCommittedFolderReplacesTheOldOne() throws IOException {
    Path target = run.resolve("deep/final");
    write(target, "old.json", "old");
    Files.createDirectories(target.resolve("sub/folder"));

    write(target, "config.json", "new");

    assertThat(target.toFile().list()).containsExactly("config.json");
    assertThat(target.resolve("config.json")).hasContent("new");
    assertThat(run.resolve("deep").toFile().list()).containsExactly("final");
  }

  @Test
  void anUncommittedFolderLeavesNothing() throws IOException {
    Path target = run.resolve("final");
    write(target, "config.json", "old");
    try (AtomicFolder folder = AtomicFolder.begin(target)) {
      FileDigest digest = folder.write("config.json", FileContent.text("abc"));
      // The digest of "abc" is the example of FIPS 180-2.
      assertThat(digest)
          .isEqualTo(
              new FileDigest(
                  3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    }

    assertThat(target.resolve("config.json")).hasContent("old");
    assertThat(run.toFile().list()).containsExactly("final");
  }

  @Test
  void theOldContentComesBackWhereTheNewNeverCame() throws IOException {
    Path target = run.resolve("final");
    write(target, "config.json", "old");
    Files.move(target, run.resolve(".final.old"));
    Files.createDirectory(run.resolve(".final.partial"));

    AtomicFolder.tidy(target);

    assertThat(target.resolve("config.json")).hasContent("old");
    assertThat(run.toFile().list()).containsExactly("final");
  }

  @Test
  void foldersWithinMayLieDeepAndFilesHaveSecondNames() throws IOException {
    Path target = run.resolve("final");
    try (AtomicFolder folder = AtomicFolder.begin(target)) {
      folder.writeWithin("onnx/model.onnx", FileContent.text("graph"));
      assertThat(folder.place("onnx/model.onnx")).hasContent("graph");
      folder.writeWithin("triton/image/config.pbtxt", FileContent.text("config"));
      folder.linkWithin("triton/image/1/model.onnx", "onnx/model.onnx");
      assertThatThrownBy(() -> folder.writeWithin("triton/../escape", FileContent.text("")))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(target).doesNotExist();
      folder.commit();
    }
    assertThat(target.resolve("triton/image/config.pbtxt")).hasContent("config");
    assertThat(
            Files.isSameFile(
                target.resolve("triton/image/1/model.onnx"), target.resolve("onnx/model.onnx")))
        .isTrue();
    assertThat(run.toFile().list()).containsExactly("final");
  }

  @Test
  void namesWithFoldersAreRefused() throws IOException {
    try (AtomicFolder folder = AtomicFolder.begin(run.resolve("final"))) {
      assertThatThrownBy(() -> folder.write("../config.json", FileContent.text("")))
          .isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void aParentThatIsAFileIsReported() throws IOException {
    Path file = Files.createFile(run.resolve("file"));

    assertThatThrownBy(() -> AtomicFolder.begin(file.resolve("final")))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("cannot be written: a file of that name exists");
  }

  private static void write(Path target, String name, String text) throws IOException {
    try (AtomicFolder folder = AtomicFolder.begin(target)) {
      folder.write(name, FileContent.text(text));
      folder.commit();
    }
  }
}
