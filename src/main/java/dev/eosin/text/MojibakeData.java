package dev.eosin.text;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// The tables of [MojibakeRepair], read from `mojibake.txt`.
///
/// @param encodings single-byte encodings in the order they are tried
/// @param bad matches a sequence that is much likelier mojibake than meant
/// @param utf8 matches characters that the bytes of UTF-8 sequences became
record MojibakeData(List<SingleByteEncoding> encodings, Pattern bad, Pattern utf8) {
  MojibakeData {
    encodings = List.copyOf(encodings);
  }

  static MojibakeData load() {
    List<SingleByteEncoding> encodings = new ArrayList<>();
    Map<String, String> categories = new HashMap<>();
    Map<String, String> clues = new HashMap<>();
    List<String> bad = new ArrayList<>();
    for (String line : TextResource.table("mojibake.txt")) {
      String[] fields = line.split(" ", 3);
      switch (fields[0]) {
        case "encoding" -> encodings.add(SingleByteEncoding.of(fields[1], characters(fields[2])));
        case "category" -> categories.put("{" + fields[1] + "}", fields[2]);
        case "bad" -> bad.add(expand(fields[2], categories));
        case "clue" -> clues.put("{" + fields[1] + "}", fields[2]);
        default -> throw new IllegalStateException("mojibake.txt: unknown kind in: " + line);
      }
    }
    // Possessive, because nothing follows: Java then loops where it would recurse.
    String utf8 =
        "(?<![{utf8_continuation_strict}])"
            + "(?:[{utf8_first_of_2}][{utf8_continuation}]"
            + "|[{utf8_first_of_3}][{utf8_continuation}]{2}"
            + "|[{utf8_first_of_4}][{utf8_continuation}]{3})++";
    return new MojibakeData(
        encodings, Pattern.compile(String.join("|", bad)), Pattern.compile(expand(utf8, clues)));
  }

  private static String expand(String template, Map<String, String> members) {
    String expanded = template;
    for (Map.Entry<String, String> entry : members.entrySet()) {
      expanded = expanded.replace(entry.getKey(), entry.getValue());
    }
    return expanded;
  }

  private static String characters(String escaped) {
    StringBuilder characters = new StringBuilder();
    for (String hexadecimal : escaped.substring(2).split("\\\\u", -1)) {
      characters.append((char) Integer.parseInt(hexadecimal, 16));
    }
    return characters.toString();
  }
}
