package dev.eosin.clip.spec;

import dev.eosin.checkpoint.Quote;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/// Two architectures, or parts of them, as an [ArchitectureText] has them, compared in words: what
/// a message says of two models that should be one.
public final class ArchitectureWords {
  private static final int MOST_TOLD = 8;

  /// What people call the kinds of towers.
  private static final Map<String, String> KINDS =
      Map.of(
          "Vit", "CLIP's own vision transformer",
          "TimmImage", "a timm trunk",
          "Causal", "CLIP's own text transformer",
          "BertText", "a BERT");

  private final String text;
  private int at;

  private ArchitectureWords(String text) {
    this.text = text;
  }

  /// In what the texts differ, such as `image layers 12 against 24`: what `one` says first.
  ///
  /// @param about what both are, for example `image`; may be empty
  public static String differences(String about, String one, String other) {
    Map<String, String> ours = values(about, one);
    Map<String, String> theirs = values(about, other);
    List<String> told = new ArrayList<>();
    ours.forEach(
        (name, value) -> {
          String against = theirs.getOrDefault(name, "");
          // Of towers of two kinds, the sizes that only one of them has say nothing.
          if (!against.isEmpty() && !against.equals(value)) {
            told.add("%s %s against %s".formatted(name, value, against));
          }
        });
    for (String name : theirs.keySet()) {
      if (told.isEmpty() && !ours.containsKey(name)) {
        told.add("%s none against %s".formatted(name, theirs.get(name)));
      }
    }
    for (String name : ours.keySet()) {
      if (told.isEmpty() && !theirs.containsKey(name)) {
        told.add("%s %s against none".formatted(name, ours.get(name)));
      }
    }
    return Quote.some(told, MOST_TOLD);
  }

  private static Map<String, String> values(String about, String text) {
    Map<String, String> values = new LinkedHashMap<>();
    new ArchitectureWords(text).value(about, values);
    return values;
  }

  /// One value: a plain one, or a kind and its fields in brackets.
  private void value(String name, Map<String, String> values) {
    int begin = at;
    while (at < text.length() && "[],".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    String word = text.substring(begin, at);
    if (at >= text.length() || text.charAt(at) != '[') {
      values.put(name, plain(word));
      return;
    }
    at++;
    if (KINDS.containsKey(word)) {
      values.put(name, KINDS.getOrDefault(word, word));
    } else if (at < text.length() && text.charAt(at) == ']') {
      values.put(name, plain(word));
    }
    fields(name, values);
  }

  private void fields(String name, Map<String, String> values) {
    while (at < text.length() && text.charAt(at) != ']') {
      int equals = text.indexOf('=', at);
      int end = nextEnd();
      if (equals >= 0 && equals < end) {
        String field = words(text.substring(at, equals));
        at = equals + 1;
        value(name.isEmpty() ? field : name + " " + field, values);
      } else {
        // An optional number, which is its own name.
        values.put(name, plain(text.substring(at, end)));
        at = end;
      }
      while (at < text.length() && ", ".indexOf(text.charAt(at)) >= 0) {
        at++;
      }
    }
    at++;
  }

  private int nextEnd() {
    int end = at;
    while (end < text.length() && "[],".indexOf(text.charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  /// `hiddenSize` as `hidden size`.
  private static String words(String name) {
    return name.replaceAll("([a-z])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
  }

  /// `QUICK_GELU` as `quick_gelu`, `LargestId` as `largest id`, `OptionalDouble.empty` as `none`.
  private static String plain(String value) {
    if (value.endsWith(".empty")) {
      return "none";
    }
    return value.matches("[A-Z_]+") ? value.toLowerCase(Locale.ROOT) : words(value);
  }
}
