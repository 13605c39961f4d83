package dev.eosin.data.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TarScanTest {
  private static final String LONG = "slides/" + "a-very-long-slide-name/".repeat(9) + "tile.jpg";

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyMemberIsFoundWithItsNameAndBytes(boolean gnu) throws IOException {
    TarBytes tar = gnu ? new TarBytes().gnuNames() : new TarBytes();
    SplittableRandom random = new SplittableRandom(7);
    List<String> expected = new ArrayList<>();
    for (String name : List.of("a.jpg", LONG, "b/c.txt", "Gewebe-ä.jpg", LONG + ".2.json", "e.")) {
      byte[] body = new byte[random.nextInt(3_000)];
      random.nextBytes(body);
      expected.add(name + Arrays.hashCode(body));
      tar.file(name, body);
    }
    byte[] bytes = tar.bytes();
    TarScan scan = new TarScan(TarBytes.shard(bytes));
    List<String> found = new ArrayList<>();
    for (Optional<TarMember> next = scan.next(); next.isPresent(); next = scan.next()) {
      int body = (int) next.get().header() + 512;
      found.add(
          next.get().name()
              + Arrays.hashCode(Arrays.copyOfRange(bytes, body, body + (int) next.get().size())));
    }
    assertThat(found).isEqualTo(expected);
  }

  @ParameterizedTest
  @CsvSource({
    "1, is a link; write shards with the files themselves",
    "2, is a link; write shards with the files themselves",
    "3, has the type '3'",
    "6, has the type '6'",
    "S, is a sparse file",
    "M, continues a file of another volume"
  })
  void whatIsNoFileIsRefusedByNameAndByte(char type, String reason) throws IOException {
    byte[] bytes = new TarBytes().file("a.jpg", "one").typed("b.jpg", type).bytes();
    assertThatThrownBy(() -> names(bytes))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("memory.tar: broken shard: byte 1024: 'b.jpg' ")
        .hasMessageContaining(reason);
  }

  @Test
  void foldersAndNotesOnTheTarArePassedOver() throws IOException {
    byte[] bytes = new TarBytes().typed("folder/", '5').file("folder/a.jpg", "x").bytes();
    assertThat(names(bytes)).containsExactly("folder/a.jpg");
    byte[] noted = new TarBytes().typed("volume", 'V').file("a.jpg", "x").bytes();
    assertThat(names(noted)).containsExactly("a.jpg");
  }

  @Test
  void sparseFilesOfPaxAreRefused() throws IOException {
    byte[] bytes =
        new TarBytes()
            .entry(
                new TarArchiveEntry("a.jpg"),
                new byte[3],
                entry -> entry.addPaxHeader("GNU.sparse.major", "1"))
            .bytes();
    assertThatThrownBy(() -> names(bytes)).hasMessageContaining("'a.jpg' is a sparse file");
  }

  @Test
  void everyTruncationIsNamed() throws IOException {
    byte[] bytes = tar();
    int end = end(bytes);
    for (int length = 0; length < bytes.length; length += length % 512 == 0 ? 1 : 511) {
      byte[] cut = Arrays.copyOf(bytes, length);
      if (length < end + 512) {
        assertThatThrownBy(() -> names(cut))
            .as("cut to %d bytes", length)
            .isInstanceOf(DataException.class)
            .hasMessageMatching("memory.tar: broken shard: byte \\d+: .*truncated.*");
      } else {
        assertThat(names(cut)).isEqualTo(names(bytes));
      }
    }
  }

  @Test
  void aSecondTarBehindTheFirstIsNotIgnored() throws IOException {
    byte[] one = tar();
    byte[] two = Arrays.copyOf(one, 2 * one.length);
    System.arraycopy(one, 0, two, one.length, one.length);
    assertThatThrownBy(() -> names(two))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("the tar ends here but more bytes follow at " + one.length);
  }

  @Test
  void damageIsReadAsBeforeOrRefused() throws IOException {
    byte[] good = tar();
    SplittableRandom random = new SplittableRandom(11);
    int refused = 0;
    for (int i = 0; i < 5_000; i++) {
      byte[] bad = damaged(good, random);
      try {
        // What is read lies inside the file.
        SampleScan.run(TarBytes.shard(bad));
      } catch (DataException e) {
        refused++;
        assertThat(e.getMessage()).startsWith("memory.tar: broken shard: byte ");
      }
    }
    assertThat(refused).isGreaterThan(1_000);
  }

  @Test
  void theFilesFoundAreThoseOfCommonsCompress() throws IOException {
    byte[] bytes = tar();
    List<String> theirs = new ArrayList<>();
    try (var in = new TarArchiveInputStream(new ByteArrayInputStream(bytes), "UTF-8")) {
      for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
        if (!entry.isDirectory()) {
          theirs.add(entry.getName());
        }
      }
    }
    assertThat(names(bytes)).isEqualTo(theirs);
  }

  private static byte[] damaged(byte[] good, SplittableRandom random) {
    byte[] bad = good.clone();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      int at =
          random.nextInt(bad.length / 512) * 512 + random.nextInt(random.nextBoolean() ? 512 : 160);
      switch (random.nextInt(4)) {
        case 0 -> bad[at] = (byte) random.nextInt();
        case 1 -> bad[at] ^= (byte) (1 << random.nextInt(8));
        case 2 -> Arrays.fill(bad, at, Math.min(bad.length, at + 12), (byte) 0xFF);
        default -> mendedLie(bad, at / 512 * 512, random);
      }
    }
    return random.nextInt(8) == 0 ? Arrays.copyOf(bad, random.nextInt(bad.length)) : bad;
  }

  /// A wrong size or type under a right checksum.
  private static void mendedLie(byte[] bytes, int block, SplittableRandom random) {
    long lie = random.nextLong() >>> random.nextInt(1, 64);
    if (random.nextBoolean()) {
      byte[] digits = "%011o\0".formatted(lie & 0xFFFFFFFFL).getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(digits, 0, bytes, block + 124, 12);
    } else {
      bytes[block + 156] = (byte) "0157xgLKSMV".charAt(random.nextInt(11));
    }
    Arrays.fill(bytes, block + 148, block + 156, (byte) ' ');
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += bytes[block + i] & 0xFF;
    }
    byte[] digits = "%06o\0 ".formatted(sum).getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(digits, 0, bytes, block + 148, 8);
  }

  private static byte[] tar() throws IOException {
    return new TarBytes()
        .file("000.jpg", new byte[700])
        .file("000.txt", "a caption")
        .file(LONG, new byte[10])
        .file("ä.json", "{}")
        .typed("folder/", '5')
        .file("001.cls", "3")
        .bytes();
  }

  /// Where the two empty blocks start.
  private static int end(byte[] bytes) {
    int end = bytes.length;
    while (TarBlock.isEmpty(bytes, end - 512)) {
      end -= 512;
    }
    return end;
  }

  private static List<String> names(byte[] bytes) throws IOException {
    TarScan scan = new TarScan(TarBytes.shard(bytes));
    List<String> names = new ArrayList<>();
    for (Optional<TarMember> next = scan.next(); next.isPresent(); next = scan.next()) {
      names.add(next.get().name());
    }
    return names;
  }
}
