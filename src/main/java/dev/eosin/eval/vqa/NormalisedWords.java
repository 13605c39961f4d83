package dev.eosin.eval.vqa;

import dev.eosin.text.LowerCase;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Texts as the words that answers are compared by, after the evaluation of VQA v2 (Antol et al.
/// 2015): in lower case, without punctuation and articles, numbers in digits, contractions with
/// their apostrophes.
public final class NormalisedWords {
  private static final List<String> PUNCTUATION =
      List.of(
          ";", "/", "[", "]", "\"", "{", "}", "(", ")", "=", "+", "\\", "_", "-", ">", "<", "@",
          "`", ",", "?", "!");
  private static final Pattern NUMBER_COMMA =
      Pattern.compile("\\d,\\d", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern FULL_STOP =
      Pattern.compile("\\.(?!\\d)", Pattern.UNICODE_CHARACTER_CLASS);
  private static final Pattern COMMA_IN_NUMBER =
      Pattern.compile("(?<=\\d),(?=\\d)", Pattern.UNICODE_CHARACTER_CLASS);

  /// So many full stops the original removes: it hands the count what was meant as a flag.
  private static final int REMOVED_STOPS = 32;

  /// What Python's `str.split` splits at.
  static final Pattern WHITE_SPACE =
      Pattern.compile(
          "[\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000]+");

  private final List<String> articles = new ArrayList<>();
  private final Map<String, String> numbers = new HashMap<>();
  private final Map<String, String> contractions = new HashMap<>();

  /// Reads the tables.
  public NormalisedWords() {
    for (String line : lines()) {
      String[] fields = line.split("\t", -1);
      switch (fields[0]) {
        case "article" -> articles.add(fields[1]);
        case "number" -> numbers.put(fields[1], fields[2]);
        case "contraction" -> contractions.put(fields[1], fields[2]);
        default -> throw new IllegalStateException("words.tsv: what is '" + line + "'?");
      }
    }
  }

  private static List<String> lines() {
    try (InputStream resource = NormalisedWords.class.getResourceAsStream("words.tsv")) {
      if (resource == null) {
        throw new IllegalStateException("the resource dev/eosin/eval/vqa/words.tsv is missing");
      }
      return new BufferedReader(new InputStreamReader(resource, StandardCharsets.UTF_8))
          .lines()
          .filter(line -> !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The words of a text. Of punctuation, a comma within a number is dropped, a point within one
  /// stays, and everything else separates words.
  public List<String> of(String text) {
    String plain = COMMA_IN_NUMBER.matcher(LowerCase.of(text)).replaceAll("");
    for (String sign : PUNCTUATION) {
      plain = plain.replace(sign, " ");
    }
    return words(FULL_STOP.matcher(plain).replaceAll(" "));
  }

  /// The text as quilt_eval and LLaVA-Med normalise it, whose rules differ in that a sign that has
  /// a blank beside it anywhere, or any sign of a text with a comma in a number, joins what it
  /// separates; that only 32 full stops go; and that the result has commas dropped.
  public String asPublished(String text) {
    String original = LowerCase.of(text);
    boolean dropsAll = NUMBER_COMMA.matcher(original).find();
    String plain = original;
    for (String sign : PUNCTUATION) {
      boolean drops = dropsAll || original.contains(sign + " ") || original.contains(" " + sign);
      plain = plain.replace(sign, drops ? "" : " ");
    }
    var removed = new int[1];
    plain =
        FULL_STOP
            .matcher(plain)
            .replaceAll(stop -> removed[0]++ < REMOVED_STOPS ? "" : stop.group());
    return String.join(" ", words(LowerCase.of(plain))).replace(",", "");
  }

  private List<String> words(String text) {
    List<String> words = new ArrayList<>();
    for (String word : split(text)) {
      String number = numbers.getOrDefault(word, word);
      if (!articles.contains(number)) {
        words.add(contractions.getOrDefault(number, number));
      }
    }
    return words;
  }

  /// What white space separates; nothing for a text without words.
  static List<String> split(String text) {
    List<String> words = new ArrayList<>();
    for (String word : WHITE_SPACE.split(text)) {
      if (!word.isEmpty()) {
        words.add(word);
      }
    }
    return words;
  }
}
