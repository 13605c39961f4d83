package dev.eosin.curate.rules;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Looks for words, or beginnings of words where they end in `*`, without regard to case.
public record WordRule(Optional<Pattern> any) {
  public static WordRule of(List<String> words) {
    if (words.isEmpty()) {
      return new WordRule(Optional.empty());
    }
    String alternatives =
        words.stream()
            .map(
                word ->
                    word.endsWith("*")
                        ? Pattern.quote(word.substring(0, word.length() - 1)) + "[\\p{L}\\p{N}]*"
                        : Pattern.quote(word) + "(?![\\p{L}\\p{N}])")
            .collect(Collectors.joining("|"));
    return new WordRule(
        Optional.of(
            Pattern.compile(
                "(?<![\\p{L}\\p{N}])(?:" + alternatives + ")",
                Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE)));
  }

  /// The first of them in a text.
  public Optional<String> find(String text) {
    if (any.isEmpty()) {
      return Optional.empty();
    }
    Matcher found = any.get().matcher(text);
    return found.find() ? Optional.of(found.group().toLowerCase(Locale.ROOT)) : Optional.empty();
  }
}
