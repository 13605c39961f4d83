package dev.eosin.recipe.openclip;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/// A command line of `open_clip_train.main` taken apart, with what starts it (`torchrun` and the
/// like).
///
/// @param flags each with its values, without the dashes; flags without a value have none
/// @param unknown flags that open_clip 3.3.0 does not have, with what is said about them
/// @param processes how many processes the launcher starts, 1 where it does not say
public record OpenClipCommand(
    Map<String, List<String>> flags, List<String> unknown, int processes) {
  private static final List<String> PER_NODE =
      List.of("--nproc_per_node", "--nproc-per-node", "-np", "-n", "--ntasks");
  private static final List<String> NODES = List.of("--nnodes");

  public OpenClipCommand {
    flags = Collections.unmodifiableMap(new LinkedHashMap<>(flags));
    unknown = List.copyOf(unknown);
  }

  /// Reads a command line, or a shell script that holds one; `\` at a line's end goes on with it.
  ///
  /// @throws IllegalArgumentException when no flag of open_clip is in it, or a quote does not end
  public static OpenClipCommand parse(String text) {
    return of(words(text));
  }

  /// Takes words that a shell has separated already.
  ///
  /// @throws IllegalArgumentException when there is no flag
  public static OpenClipCommand of(List<String> words) {
    int start = 0;
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.matches(".*(open_clip_train[./]main|training[./]main)(\\.py)?")) {
        start = i + 1;
        break;
      }
    }
    int end = start;
    while (end < words.size() && !words.get(end).matches("\n|;|&&|\\|\\|?|&|[0-9]?>.*")) {
      end++;
    }
    if (start == end || !words.get(start).startsWith("--")) {
      throw new IllegalArgumentException(
          "no flags of open_clip were found; expected '... -m open_clip_train.main --train-data"
              + " ...', or the flags alone");
    }
    int processes = number(words.subList(0, start), PER_NODE).orElse(1);
    processes *= number(words.subList(0, start), NODES).orElse(1);
    return flags(words.subList(start, end), processes);
  }

  private static OptionalInt number(List<String> launcher, List<String> names) {
    for (int i = 0; i < launcher.size(); i++) {
      String[] parts = launcher.get(i).split("=", 2);
      if (names.contains(parts[0])) {
        String value =
            parts.length == 2 ? parts[1] : i + 1 < launcher.size() ? launcher.get(i + 1) : "";
        if (value.matches("[1-9][0-9]{0,5}")) {
          return OptionalInt.of(Integer.parseInt(value));
        }
      }
    }
    return OptionalInt.empty();
  }

  private static OpenClipCommand flags(List<String> words, int processes) {
    Map<String, List<String>> flags = new LinkedHashMap<>();
    List<String> unknown = new ArrayList<>();
    List<String> values = new ArrayList<>();
    for (String word : words) {
      if (word.startsWith("--")) {
        String[] parts = word.substring(2).split("=", 2);
        values = new ArrayList<>(parts.length == 2 ? List.of(parts[1]) : List.of());
        Optional<String> name = OpenClipFlags.named(parts[0]);
        if (name.isPresent()) {
          flags.put(name.get(), values);
        } else {
          unknown.add(OpenClipFlags.unknown(parts[0]));
        }
      } else {
        values.add(word);
      }
    }
    flags.forEach(
        (name, given) ->
            given.stream()
                .skip(OpenClipFlags.takesSeveral(name) ? given.size() : 1)
                .forEach(
                    word ->
                        unknown.add("'%s' after --%s: is not translated".formatted(word, name))));
    return new OpenClipCommand(flags, unknown, processes);
  }

  boolean has(String flag) {
    return flags.containsKey(flag);
  }

  /// The value given, or open_clip's default.
  Optional<String> value(String flag) {
    List<String> given = flags.getOrDefault(flag, List.of());
    return given.isEmpty() ? OpenClipFlags.orElse(flag) : Optional.of(given.getFirst());
  }

  /// All that was written behind a flag.
  String given(String flag) {
    return String.join(" ", flags.getOrDefault(flag, List.of()));
  }

  /// @throws IllegalArgumentException when the value is not a number
  double number(String flag) {
    String value = value(flag).orElse("");
    try {
      double number = Double.parseDouble(value);
      if (!Double.isFinite(number)) {
        throw new NumberFormatException(value);
      }
      return number;
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("--%s: '%s' is not a number".formatted(flag, value), e);
    }
  }

  /// @throws IllegalArgumentException when the value is not a whole number from 0
  long whole(String flag) {
    String value = value(flag).orElse("");
    if (!value.matches("[0-9_]{1,15}")) {
      throw new IllegalArgumentException("--%s: '%s' is not a whole number".formatted(flag, value));
    }
    return Long.parseLong(value.replace("_", ""));
  }

  /// @throws IllegalArgumentException when the value is not a whole number from 1
  long counting(String flag) {
    long value = whole(flag);
    if (value < 1) {
      throw new IllegalArgumentException("--%s: must be at least 1".formatted(flag));
    }
    return value;
  }

  private static List<String> words(String text) {
    List<String> words = new ArrayList<>();
    StringBuilder word = new StringBuilder();
    boolean open = false;
    char quote = 0;
    String joined =
        text.replace("\\\r\n", " ").replace("\\\n", " ").replaceAll("(?m)^\\s*#.*$", "");
    for (int i = 0; i < joined.length(); i++) {
      char c = joined.charAt(i);
      if (quote != 0) {
        quote = c == quote ? 0 : quote;
        word.append(quote == 0 ? "" : String.valueOf(c));
      } else if (c == '"' || c == '\'') {
        quote = c;
        open = true;
      } else if (Character.isWhitespace(c)) {
        if (open) {
          words.add(word.toString());
        }
        if (c == '\n') {
          words.add("\n");
        }
        word.setLength(0);
        open = false;
      } else {
        word.append(c);
        open = true;
      }
    }
    if (quote != 0) {
      throw new IllegalArgumentException("a quote (" + quote + ") does not end");
    }
    if (open) {
      words.add(word.toString());
    }
    return words;
  }
}
