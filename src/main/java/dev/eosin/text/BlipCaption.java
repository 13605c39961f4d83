package dev.eosin.text;

import java.util.Arrays;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// LAVIS's clean-up of captions, questions and answers (`blip_caption`).
///
/// Source: LAVIS `processors/blip_processors.py`.
public final class BlipCaption {
  /// Words that are kept where nobody says otherwise.
  public static final int WORDS = 50;

  private static final Pattern DROPPED = Pattern.compile("[.!\"()*#:;~]");
  private static final Pattern BLANKS = Pattern.compile("\\s{2,}");
  private static final Pattern BLANK = Pattern.compile(" ");

  private BlipCaption() {}

  /// Lower case, each of `.!"()*#:;~` a blank, runs of blanks one blank, none at the ends, the
  /// first words alone.
  ///
  /// @param words that are kept
  public static String cleaned(String text, int words) {
    String plain = DROPPED.matcher(text.toLowerCase(Locale.ROOT)).replaceAll(" ");
    String joined = BLANKS.matcher(plain).replaceAll(" ").strip();
    return Arrays.stream(BLANK.split(joined)).limit(words).collect(Collectors.joining(" "));
  }
}
