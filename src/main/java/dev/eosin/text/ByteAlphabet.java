package dev.eosin.text;

import java.io.ByteArrayOutputStream;

/// The spelling of bytes as visible characters that byte-level tokenizers use in their files.
///
/// The 188 visible Latin-1 characters stand for themselves and come first; the other 68 bytes are
/// spelled U+0100 onwards in the order of their values. Source: GPT-2's `bytes_to_unicode`.
final class ByteAlphabet {
  static final int SIZE = 256;

  private static final int[] BYTE_OF_RANK = new int[SIZE];
  private static final int[] RANK_OF_BYTE = new int[SIZE];
  private static final int VISIBLE;

  static {
    int rank = 0;
    for (int value = 0; value < SIZE; value++) {
      if (isVisible(value)) {
        BYTE_OF_RANK[rank++] = value;
      }
    }
    VISIBLE = rank;
    for (int value = 0; value < SIZE; value++) {
      if (!isVisible(value)) {
        BYTE_OF_RANK[rank++] = value;
      }
    }
    for (int r = 0; r < SIZE; r++) {
      RANK_OF_BYTE[BYTE_OF_RANK[r]] = r;
    }
  }

  private ByteAlphabet() {}

  /// The position of a byte, 0 to 255, in the alphabet.
  static int rank(byte value) {
    return RANK_OF_BYTE[Byte.toUnsignedInt(value)];
  }

  /// The one-character spelling of the byte at a position of the alphabet.
  static String spelling(int rank) {
    return String.valueOf((char) (rank < VISIBLE ? BYTE_OF_RANK[rank] : SIZE + rank - VISIBLE));
  }

  /// Appends the bytes that a token's spelling stands for.
  static void bytes(String spelling, ByteArrayOutputStream to) {
    for (int i = 0; i < spelling.length(); i++) {
      char c = spelling.charAt(i);
      to.write(c < SIZE ? c : BYTE_OF_RANK[VISIBLE + c - SIZE]);
    }
  }

  private static boolean isVisible(int value) {
    return (value >= '!' && value <= '~') || (value >= 0xA1 && value <= 0xFF && value != 0xAD);
  }
}
