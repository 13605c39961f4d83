package dev.eosin.text;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The tables of [MojibakeRepair], read from `mojibake.txt`.
///
/// @param encodings single-byte encodings in the order they are tried
/// @param bad sequences that are much likelier mojibake than meant
/// @param clues characters that the bytes of UTF-8 sequences become, by their place in the sequence
record MojibakeData(
    List<SingleByteEncoding> encodings, List<Sequence> bad, Map<String, BitSet> clues) {
  MojibakeData {
    encodings = List.copyOf(encodings);
    bad = List.copyOf(bad);
    clues = Map.copyOf(clues);
  }

  static MojibakeData load() {
    List<SingleByteEncoding> encodings = new ArrayList<>();
    Map<String, BitSet> categories = new HashMap<>();
    Map<String, BitSet> clues = new HashMap<>();
    List<Sequence> bad = new ArrayList<>();
    for (String line : TextResource.table("mojibake.txt")) {
      String[] fields = line.split(" ", 3);
      switch (fields[0]) {
        case "encoding" -> encodings.add(SingleByteEncoding.of(fields[1], characters(fields[2])));
        case "category" -> categories.put(fields[1], CharacterSet.parse(fields[2], categories));
        case "bad" -> bad.add(Sequence.of(fields[2], categories));
        case "clue" -> clues.put(fields[1], CharacterSet.parse(fields[2], categories));
        default -> throw new IllegalStateException("mojibake.txt: unknown kind in: " + line);
      }
    }
    return new MojibakeData(encodings, bad, clues);
  }

  /// The members of a set of characters.
  BitSet clue(String name) {
    BitSet members = clues.get(name);
    if (members == null) {
      throw new IllegalStateException("mojibake.txt lacks the clue " + name);
    }
    return members;
  }

  private static String characters(String escaped) {
    StringBuilder characters = new StringBuilder();
    for (String hexadecimal : escaped.substring(2).split("\\\\u", -1)) {
      characters.append((char) Integer.parseInt(hexadecimal, 16));
    }
    return characters.toString();
  }

  /// Neighbouring characters, one set of allowed ones per position.
  ///
  /// @param atStart whether it counts only where the text starts
  record Sequence(boolean atStart, List<BitSet> positions) {
    static Sequence of(String written, Map<String, BitSet> categories) {
      boolean atStart = written.startsWith("\\A ");
      String[] sets = (atStart ? written.substring(3) : written).split(" ", -1);
      List<BitSet> positions = new ArrayList<>(sets.length);
      for (String set : sets) {
        positions.add(CharacterSet.parse(set, categories));
      }
      return new Sequence(atStart, List.copyOf(positions));
    }

    boolean matches(String text, int start) {
      if (atStart && start > 0) {
        return false;
      }
      int at = start;
      for (BitSet allowed : positions) {
        if (at == text.length()) {
          return false;
        }
        int c = text.codePointAt(at);
        if (!allowed.get(c)) {
          return false;
        }
        at += Character.charCount(c);
      }
      return true;
    }
  }
}
