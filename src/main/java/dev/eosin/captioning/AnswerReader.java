package dev.eosin.captioning;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.eosin.caption.Agent.Said;
import dev.eosin.caption.EmptyPhrases;
import dev.eosin.checkpoint.Quote;
import dev.eosin.prepare.Fields;
import dev.eosin.text.CaptionText;
import dev.eosin.text.ClipTokenizer;
import dev.eosin.text.Tokenizer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// Tells answers that are of use from those that are not. Thread safe.
final class AnswerReader {
  static final String SILENT = "silent";
  static final String REFUSED = "refused";
  static final String CUT_SHORT = "cut-short";
  static final String NO_JSON = "no-json";
  static final String NOT_AS_ASKED = "not-as-asked";
  static final String BOILERPLATE = "boilerplate";
  static final String SPEAKS_OF_THE_HINT = "speaks-of-the-hint";
  static final String WORDS = "words";
  static final String TOO_LONG = "too-long";

  /// All of them, in the order in which they are looked for.
  static final List<String> FLAWS =
      List.of(
          SILENT,
          REFUSED,
          CUT_SHORT,
          NO_JSON,
          NOT_AS_ASKED,
          BOILERPLATE,
          SPEAKS_OF_THE_HINT,
          WORDS,
          TOO_LONG);

  private static final JsonMapper JSON =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();
  private static final Pattern FENCE = Pattern.compile("(?s)^```(?:json)?\\s*(.*?)\\s*```$");
  private static final Pattern BULLET = Pattern.compile("^\\s*(?:[-*•]|\\d+[.)])\\s*");

  private final CaptionSettings settings;
  private final @Nullable Tokenizer tokenizer;

  /// What an answer is.
  sealed interface Reading {
    /// @param texts that are of use
    /// @param stripped what was taken out of them
    record Good(List<String> texts, List<String> stripped) implements Reading {}

    /// @param flaw one of [#FLAWS]
    /// @param detail completes "your last answer was of no use: "
    record Useless(String flaw, String detail) implements Reading {}
  }

  /// An answer is of no use.
  private static final class Flawed extends Exception {
    private static final long serialVersionUID = 1L;

    private final String flaw;

    private Flawed(String flaw, String detail) {
      super(detail);
      this.flaw = flaw;
    }
  }

  AnswerReader(CaptionSettings settings) {
    this.settings = settings;
    tokenizer = settings.context().isPresent() ? ClipTokenizer.load() : null;
  }

  Reading read(Said said) {
    try {
      if (said.text().isEmpty()) {
        throw new Flawed(SILENT, "it was empty");
      }
      if (said.finish().equals("content_filter")) {
        throw new Flawed(REFUSED, "the service's filter stopped it");
      }
      // Checked before JSON: who refuses writes none, or writes the refusal into it.
      Optional<String> refusal = EmptyPhrases.refusal(said.text());
      if (refusal.isPresent()) {
        throw new Flawed(REFUSED, "it refuses (" + Quote.of(refusal.get()) + ")");
      }
      if (said.finish().equals("length")) {
        throw new Flawed(CUT_SHORT, "it was longer than allowed; be shorter");
      }
      return good(texts(said.text()));
    } catch (Flawed e) {
      return new Reading.Useless(e.flaw, String.valueOf(e.getMessage()));
    }
  }

  private List<String> texts(String said) throws Flawed {
    return switch (settings.answers()) {
      case JSON -> fromJson(said);
      case TEXT -> fromText(said);
    };
  }

  private List<String> fromText(String said) {
    if (settings.task().form() == CaptionTask.Form.TEXT) {
      return List.of(said);
    }
    return said.lines().map(line -> BULLET.matcher(line).replaceFirst("")).toList().stream()
        .filter(line -> !line.isBlank())
        .toList();
  }

  private List<String> fromJson(String said) throws Flawed {
    var fence = FENCE.matcher(said);
    String body = fence.matches() ? fence.group(1) : said;
    JsonNode object;
    try {
      object = JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw new Flawed(NO_JSON, "it is not one JSON object");
    }
    String field = settings.task().field();
    JsonNode value = object.path(field);
    if (!object.isObject() || object.size() != 1 || value.isMissingNode()) {
      throw new Flawed(NOT_AS_ASKED, "the object must have the field \"" + field + "\" alone");
    }
    if (settings.task().form() == CaptionTask.Form.TEXT) {
      return List.of(text(value, field));
    }
    if (!value.isArray()) {
      throw new Flawed(NOT_AS_ASKED, "\"" + field + "\" must be a list of texts");
    }
    List<String> texts = new ArrayList<>();
    for (JsonNode one : value) {
      texts.add(text(one, field));
    }
    return texts;
  }

  private static String text(JsonNode value, String field) throws Flawed {
    if (!value.isTextual() || value.asText().isBlank()) {
      throw new Flawed(NOT_AS_ASKED, "\"" + field + "\" holds what is no text");
    }
    return value.asText();
  }

  private Reading.Good good(List<String> said) throws Flawed {
    List<String> texts = new ArrayList<>();
    List<String> stripped = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (String text : said) {
      String cleaned = CaptionText.cleaned(text);
      String plain = boilerplate(cleaned, stripped);
      check(plain);
      if (!seen.add(plain.toLowerCase(Locale.ROOT))) {
        throw new Flawed(NOT_AS_ASKED, "it has " + Quote.of(plain) + " twice");
      }
      texts.add(plain);
    }
    if (!settings.texts().has(texts.size())) {
      throw new Flawed(
          NOT_AS_ASKED,
          "it has %d texts, not %s".formatted(texts.size(), settings.texts().words()));
    }
    return new Reading.Good(List.copyOf(texts), List.copyOf(stripped));
  }

  /// @param found takes what says nothing
  private String boilerplate(String text, List<String> found) throws Flawed {
    EmptyPhrases.Stripped stripped = EmptyPhrases.strip(text);
    found.addAll(stripped.found());
    return switch (settings.boilerplate()) {
      case KEEP -> text;
      case STRIP -> {
        if (stripped.text().isEmpty()) {
          throw new Flawed(BOILERPLATE, "nothing in it speaks of what was asked");
        }
        yield stripped.text();
      }
      case REFUSE -> {
        if (!stripped.found().isEmpty()) {
          throw new Flawed(BOILERPLATE, "leave out " + Quote.of(stripped.found().getFirst()));
        }
        yield text;
      }
    };
  }

  private void check(String text) throws Flawed {
    if (settings.task() == CaptionTask.ENHANCE) {
      Optional<String> hint = EmptyPhrases.hint(text);
      if (hint.isPresent()) {
        throw new Flawed(
            SPEAKS_OF_THE_HINT, "it speaks of what it was told (" + Quote.of(hint.get()) + ")");
      }
    }
    int words = Fields.words(text);
    if (!settings.textWords().has(words)) {
      throw new Flawed(
          WORDS, "a text of %d words, not %s".formatted(words, settings.textWords().words()));
    }
    Tokenizer ids = tokenizer;
    if (ids != null && ids.untruncatedLength(text) > settings.context().orElseThrow()) {
      throw new Flawed(
          TOO_LONG,
          "it has %d ids, at most %d fit; be shorter"
              .formatted(ids.untruncatedLength(text), settings.context().orElseThrow()));
    }
  }
}
