package dev.eosin.data.shard;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// What extended headers (pax, GNU long names) say about the member after them.
///
/// @param name replaces the header block's
/// @param size replaces the header block's
/// @param sparse whether the body is a map of holes
record PaxRecords(Optional<String> name, Optional<Long> size, boolean sparse) {
  static final PaxRecords NONE = new PaxRecords(Optional.empty(), Optional.empty(), false);

  /// Records that break the rules; the message is the reason alone.
  static final class Malformed extends IOException {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }
  }

  /// Reads `length key=value` lines (POSIX.1-2001); the length counts the whole line.
  static PaxRecords parse(byte[] body) throws Malformed {
    PaxRecords records = NONE;
    int at = 0;
    while (at < body.length && body[at] != 0) {
      int space = indexOf(body, ' ', at, Math.min(body.length, at + 8));
      int length = length(body, at, space);
      if (length <= space - at + 1 || length > body.length - at || body[at + length - 1] != '\n') {
        throw new Malformed("an extended header whose line has a wrong length");
      }
      int equals = indexOf(body, '=', space, at + length);
      String key = new String(body, space + 1, equals - space - 1, StandardCharsets.UTF_8);
      int start = equals + 1;
      String value = new String(body, start, at + length - 1 - start, StandardCharsets.UTF_8);
      records = records.with(key, value);
      at += length;
    }
    return records;
  }

  /// These records, and `other` over them.
  PaxRecords with(PaxRecords other) {
    return new PaxRecords(
        other.name.or(() -> name), other.size.or(() -> size), sparse || other.sparse);
  }

  /// The name of a GNU long-name header, over a pax one.
  PaxRecords withName(String longName) {
    return new PaxRecords(Optional.of(longName), size, sparse);
  }

  private PaxRecords with(String key, String value) throws Malformed {
    if (key.equals("path")) {
      return withName(value);
    }
    if (key.equals("size")) {
      if (!value.matches("\\d{1,18}")) {
        throw new Malformed("an extended header whose size is not a number");
      }
      return new PaxRecords(name, Optional.of(Long.parseLong(value)), sparse);
    }
    return key.startsWith("GNU.sparse.") ? new PaxRecords(name, size, true) : this;
  }

  private static int length(byte[] body, int from, int to) throws Malformed {
    String digits = new String(body, from, to - from, StandardCharsets.ISO_8859_1);
    if (!digits.matches("\\d{1,7}")) {
      throw new Malformed("an extended header whose line does not start with its length");
    }
    return Integer.parseInt(digits);
  }

  private static int indexOf(byte[] body, char wanted, int from, int to) throws Malformed {
    for (int i = from; i < to; i++) {
      if (body[i] == wanted) {
        return i;
      }
    }
    throw new Malformed("an extended header without '%s' in a line".formatted(wanted));
  }
}
