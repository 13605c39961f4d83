package dev.eosin.revise;

import dev.eosin.revise.Lexicon.TermClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Finds a lexicon's terms in captions: whole words, the longest term first.
final class Terms {
  private static final Pattern ARTICLE = Pattern.compile("(?i)(^|\\W)an?\\s$");

  private final Pattern anyTerm;
  private final Map<String, TermClass> classes = new HashMap<>();

  Terms(Lexicon lexicon) {
    List<String> values = new ArrayList<>();
    for (TermClass one : lexicon.classes()) {
      for (String value : one.values()) {
        classes.put(value, one);
        values.add(value);
      }
    }
    values.sort(Comparator.comparingInt(String::length).reversed().thenComparing(value -> value));
    String any = String.join("|", values.stream().map(Pattern::quote).toList());
    anyTerm =
        Pattern.compile(
            "(?<![\\p{L}\\p{N}-])(?:" + any + ")(?![\\p{L}\\p{N}-])", Pattern.CASE_INSENSITIVE);
  }

  /// A term where it stands.
  ///
  /// @param from first unit
  /// @param to unit after the last
  /// @param value in small letters
  /// @param replaceable whether any other of its class may stand there: not after "a" and "an"
  record Term(int from, int to, TermClass of, String value, boolean replaceable) {
    boolean isWithin(int start, int end) {
      return from >= start && to <= end;
    }
  }

  /// All terms of a caption in their order; none overlaps another.
  List<Term> of(String caption) {
    List<Term> found = new ArrayList<>();
    Matcher matcher = anyTerm.matcher(caption);
    while (matcher.find()) {
      String value = matcher.group().toLowerCase(Locale.ROOT);
      boolean free = !ARTICLE.matcher(caption).region(0, matcher.start()).find();
      TermClass of = Objects.requireNonNull(classes.get(value));
      found.add(new Term(matcher.start(), matcher.end(), of, value, free));
    }
    return found;
  }

  /// A value written as the one that it replaces: with a capital where that has one.
  static String written(String value, String like) {
    boolean capital = Character.isUpperCase(like.charAt(0));
    return capital ? value.substring(0, 1).toUpperCase(Locale.ROOT) + value.substring(1) : value;
  }
}
