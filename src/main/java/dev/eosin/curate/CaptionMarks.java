package dev.eosin.curate;

import dev.eosin.curate.steps.CurationStep.Clean;
import dev.eosin.text.CaptionText;
import java.util.regex.Pattern;

/// What social media put into captions, and how it is taken out.
final class CaptionMarks {
  private static final Pattern URL =
      Pattern.compile("(?:https?://|www\\.)\\S+|\\b(?:pic\\.twitter\\.com|t\\.co)/\\S+");

  /// Not within a word: `a@b.org` is no mention, `H&E#2` no hashtag.
  private static final Pattern MENTION = Pattern.compile("(?<![\\w@])[@＠]\\w+");

  private static final Pattern HASHTAG =
      Pattern.compile("(?<![\\w&])[#＃](?=[\\p{L}\\p{N}_]*\\p{L})([\\p{L}\\p{N}_]+)");

  /// Pictures with what modifies them; letters, digits, arrows and plain shapes stay.
  private static final Pattern EMOJI =
      Pattern.compile(
          "[\\p{IsExtended_Pictographic}&&[^©®™\\x{2190}-\\x{21FF}\\x{25A0}-\\x{25FF}]][\\x{FE0F}\\x{200D}\\p{IsEmoji_Modifier}]*|[\\x{FE0F}\\x{20E3}]|[\\x{1F1E6}-\\x{1F1FF}]");

  /// A surrogate without its other half: the pattern looks at pairs as one character.
  private static final Pattern HALF = Pattern.compile("\\p{Cs}");

  private static final Pattern GAPS = Pattern.compile("\\s+");
  private static final Pattern BEFORE_SIGNS = Pattern.compile(" +([.,;:!?])(?=\\s|$)");

  private CaptionMarks() {}

  /// The caption without them.
  static String cleaned(String caption, Clean rules) {
    String text = rules.repair() ? CaptionText.cleaned(whole(caption)) : caption;
    String before = text;
    if (rules.urls()) {
      text = URL.matcher(text).replaceAll(" ");
    }
    if (rules.mentions()) {
      text = MENTION.matcher(text).replaceAll(" ");
    }
    text =
        switch (rules.hashtags()) {
          case KEEP -> text;
          case WORD -> HASHTAG.matcher(text).replaceAll("$1");
          case REMOVE -> HASHTAG.matcher(text).replaceAll(" ");
        };
    if (rules.emoji()) {
      text = EMOJI.matcher(text).replaceAll(" ");
    }
    return text.equals(before) ? text : closed(text);
  }

  /// Half characters, which no file in UTF-8 can hold, as the replacement sign.
  static String whole(String text) {
    return HALF.matcher(text).replaceAll("\uFFFD");
  }

  /// Closes the gaps that were left.
  private static String closed(String text) {
    String even = GAPS.matcher(text).replaceAll(" ").strip();
    return BEFORE_SIGNS.matcher(even).replaceAll("$1");
  }
}
