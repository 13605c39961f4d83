package dev.eosin.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;

/// Damages a small table in many ways: a reader may answer with samples or with one line that names
/// the file, and with nothing else.
public final class TableFaults {
  private final Path file;
  private final byte[] whole;
  private final Opener opener;

  /// Opens the table at its place.
  @FunctionalInterface
  public interface Opener {
    Source open() throws IOException;
  }

  public TableFaults(Path file, Opener opener) throws IOException {
    this.file = file;
    this.whole = Files.readAllBytes(file);
    this.opener = opener;
  }

  /// Every prefix of the file is refused, or opens with the first rows of the whole.
  ///
  /// @return how many opened
  public int truncate() throws IOException {
    Source all = opener.open();
    int opened = 0;
    for (int length = 0; length < whole.length; length++) {
      Files.write(file, Arrays.copyOf(whole, length));
      try {
        Source some = opener.open();
        opened++;
        assertThat(some.size()).isLessThanOrEqualTo(all.size());
        Files.write(file, whole);
        for (long index = 0; index < some.size() - 1; index++) {
          assertThat(some.get(index).key()).isEqualTo(all.get(index).key());
        }
      } catch (DataException refused) {
        assertOneLine(refused);
      }
    }
    Files.write(file, whole);
    return opened;
  }

  /// Opens and reads `count` files with one to four changed, inserted or removed bytes.
  public void mutate(int count, long seed) throws IOException {
    Random random = new Random(seed);
    for (int i = 0; i < count; i++) {
      byte[] bytes = mutant(random);
      Files.write(file, bytes);
      try {
        read(opener.open());
      } catch (DataException refused) {
        assertOneLine(refused);
      } catch (RuntimeException | StackOverflowError | OutOfMemoryError e) {
        Path kept = Files.write(Files.createTempFile("mutant", ".bin"), bytes);
        fail("mutation %d of seed %d (%s)".formatted(i, seed, kept), e);
      }
    }
    Files.write(file, whole);
  }

  private byte[] mutant(Random random) {
    byte[] bytes = whole.clone();
    for (int change = 1 + random.nextInt(4); change > 0; change--) {
      int at = random.nextInt(bytes.length);
      switch (random.nextInt(4)) {
        case 0 -> bytes[at] = (byte) random.nextInt(256);
        case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> bytes = without(bytes, at, Math.min(bytes.length - 1, at + random.nextInt(8)));
        default -> bytes[at] = "{}[],:\"\\\n\u0000".getBytes()[random.nextInt(10)];
      }
    }
    return bytes;
  }

  private static byte[] without(byte[] bytes, int from, int to) {
    byte[] rest = Arrays.copyOf(bytes, bytes.length - (to - from));
    System.arraycopy(bytes, to, rest, from, bytes.length - to);
    return rest;
  }

  private static void read(Source source) throws DataException {
    for (long index = 0; index < source.size(); index++) {
      try {
        Sample sample = source.get(index);
        assertThat(sample.key()).isNotBlank();
        for (Sample.ImageReader image : sample.images()) {
          image.read();
        }
      } catch (UncheckedIOException e) {
        assertThat(e.getCause()).isInstanceOf(DataException.class);
      } catch (DataException e) {
        assertOneLine(e);
      } catch (IOException e) {
        fail("an image answers with " + e, e);
      }
    }
  }

  private static void assertOneLine(DataException refused) {
    assertThat(refused.getMessage()).isNotBlank().doesNotContain("\n");
  }
}
