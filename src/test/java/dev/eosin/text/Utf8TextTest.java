package dev.eosin.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class Utf8TextTest {
  @TempDir Path folder;

  @Test
  void latinTextIsRefusedWithLineByteAndMend() throws IOException {
    Path file = folder.resolve("pairs.csv");
    Files.write(file, "image\na.png\ncaf\u00e9 5 \u00b5m\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> Utf8Text.check(file))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "%s: line 3, byte 15: 0xE9 is not UTF-8; if the file is Latin-1 or Windows-1252, convert it: iconv -f WINDOWS-1252 -t UTF-8 '%s' > '%s.utf8'"
                .formatted(file, file, file));
    assertThatThrownBy(() -> Utf8Text.decode("a.tar: 0.txt", Files.readAllBytes(file)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("a.tar: 0.txt: line 3, byte 15: 0xE9 is not UTF-8")
        .hasMessageContaining("iconv -f WINDOWS-1252 -t UTF-8");
  }

  @Test
  void sixteenBitTextIsRefusedInThoseWords() throws IOException {
    Path file = folder.resolve("t.csv");
    for (String name : new String[] {"UTF-16", "UTF-16LE", "UTF-16BE"}) {
      Files.write(file, "image,caption\n".getBytes(Charset.forName(name)));
      assertThatThrownBy(() -> Utf8Text.check(file))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("is UTF-16")
          .hasMessageContaining("expected UTF-8; convert it: iconv -f " + name + " -t UTF-8");
    }
    Files.write(file, new byte[] {(byte) 0xFF, (byte) 0xFE, 'a', 0, '\n', 0});
    assertThatThrownBy(() -> Utf8Text.check(file))
        .hasMessageContaining("is UTF-16 text (it starts with the bytes FF FE)");
    assertThatThrownBy(() -> Utf8Text.decode("0.txt", Files.readAllBytes(file)))
        .hasMessageContaining("0.txt: is UTF-16 text");
    Files.write(file, "\uFEFFa".getBytes(Charset.forName("UTF-32BE")));
    assertThatThrownBy(() -> Utf8Text.check(file)).hasMessageContaining("is UTF-32 text");
  }

  @Test
  void aByteOrderMarkIsNoText() throws IOException {
    assertThat(Utf8Text.decode("x", "\uFEFFa\u00e9\n".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("a\u00e9\n");
    assertThat(Utf8Text.decode("x", new byte[0])).isEmpty();
    assertThat(Utf8Text.decode("x", new byte[1])).isEqualTo("\0");
  }

  /// Java's own strict decoder is the judge.
  @Test
  void exactlyWhatIsWellFormedIsTaken() throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    int[] interesting = {
      'a', '\n', 0x80, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xED, 0xEF, 0xF0, 0xF4
    };
    int refused = 0;
    for (int round = 0; round < 20_000; round++) {
      byte[] bytes = new byte[random.nextInt(14)];
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] = (byte) interesting[random.nextInt(interesting.length)];
      }
      if (round % 3 == 0) {
        int[] points = random.ints(3, 1, 0x10FFFF).filter(c -> c < 0xD800 || c > 0xDFFF).toArray();
        byte[] text = new String(points, 0, points.length).getBytes(StandardCharsets.UTF_8);
        bytes = Arrays.copyOf(text, Math.max(0, text.length - random.nextInt(2)));
      }
      byte[] all = bytes;
      if (isWellFormed(all)) {
        assertThatCode(() -> Utf8Text.decode("x", all)).doesNotThrowAnyException();
      } else {
        refused++;
        assertThatThrownBy(() -> Utf8Text.decode("x", all)).isInstanceOf(DataException.class);
      }
    }
    assertThat(refused).isBetween(2_000, 19_000);
  }

  @Test
  void charactersMayLieAcrossTheEndOfABuffer() throws IOException {
    Path file = folder.resolve("t.txt");
    for (int ascii = 65_530; ascii < 65_540; ascii++) {
      String text = "a".repeat(ascii) + "\u20ac\n" + "b".repeat(70_000);
      Files.writeString(file, text);
      assertThatCode(() -> Utf8Text.check(file)).doesNotThrowAnyException();
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      bytes[ascii + 2] = 'x';
      Files.write(file, bytes);
      int at = ascii;
      assertThatThrownBy(() -> Utf8Text.check(file))
          .hasMessageContaining("line 1, byte %d: 0xE2".formatted(at));
    }
  }

  private static boolean isWellFormed(byte[] bytes) {
    try {
      StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes));
      return true;
    } catch (CharacterCodingException e) {
      return false;
    }
  }
}
