package dev.eosin.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OpenFilesTest {
  private static final int MOST = 3;

  @TempDir Path folder;
  private final OpenFiles files = new OpenFiles(MOST);

  @Test
  void manyThreadsReadManyFilesWithFewOpen() throws IOException {
    for (int i = 0; i < 20; i++) {
      Files.write(folder.resolve("f" + i), new byte[] {(byte) i});
    }
    IntStream.range(0, 4)
        .mapToObj(thread -> CompletableFuture.runAsync(() -> readAll(thread)))
        .toList()
        .forEach(CompletableFuture::join);
    assertThat(files.count()).isEqualTo(MOST);
  }

  @Test
  void aFileInUseStaysOpenAndAClosedOneIsOpenedAgain() throws IOException {
    Path file = Files.write(folder.resolve("f"), new byte[] {7});
    for (int i = 0; i < MOST + 2; i++) {
      Files.write(folder.resolve("g" + i), new byte[1]);
    }
    byte read =
        files.read(
            file,
            channel -> {
              for (int i = 0; i < MOST + 2; i++) {
                files.read(folder.resolve("g" + i), FileChannel::size);
              }
              return first(channel);
            });
    assertThat(read).isEqualTo((byte) 7);
    files.read(
        file,
        channel -> {
          channel.close();
          return 0;
        });
    assertThat(files.read(file, OpenFilesTest::first)).isEqualTo((byte) 7);
    assertThatThrownBy(() -> files.read(folder.resolve("none"), FileChannel::size))
        .isInstanceOf(NoSuchFileException.class);
  }

  private void readAll(int seed) {
    for (int i = 0; i < 400; i++) {
      int index = (i * 7 + seed * 3) % 20;
      try {
        assertThat(files.read(folder.resolve("f" + index), OpenFilesTest::first))
            .isEqualTo((byte) index);
      } catch (IOException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  private static byte first(FileChannel channel) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    channel.read(one, 0);
    return one.get(0);
  }
}
