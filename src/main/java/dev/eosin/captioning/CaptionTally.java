package dev.eosin.captioning;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.prepare.Row;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/// What all answers came to.
final class CaptionTally {
  /// So many different beginnings are counted at most: those that come first.
  private static final int MOST_OPENINGS = 100_000;

  private static final int OPENING_WORDS = 4;
  private static final int SHOWN_OPENINGS = 10;

  private final Map<String, Long> flaws = new TreeMap<>();
  private final Map<String, Long> stripped = new HashMap<>();
  private final Map<String, Long> openings = new HashMap<>();
  private long answers;
  private long rows;
  private long kept;
  private long texts;
  private long strippedRows;
  private long same;

  /// @param result of a row
  void asked(JsonNode result) {
    rows++;
    for (JsonNode said : result.path(Captioning.SAID)) {
      answers++;
      if (said.has("flaw")) {
        flaws.merge(said.path("flaw").asText(), 1L, Long::sum);
      }
    }
    if (!result.path(Captioning.STRIPPED).isEmpty()) {
      strippedRows++;
      result.path(Captioning.STRIPPED).forEach(phrase -> count(stripped, phrase.asText()));
    }
  }

  /// @param result of a row that is kept
  /// @param others how many other rows have the same text
  void kept(JsonNode result, int others) {
    kept++;
    same += others > 0 ? 1 : 0;
    for (JsonNode text : result.path(Captioning.TEXTS)) {
      texts++;
      String[] words = text.asText().toLowerCase(Locale.ROOT).split(" ", OPENING_WORDS + 1);
      if (words.length > OPENING_WORDS) {
        words[OPENING_WORDS] = "";
      }
      count(openings, String.join(" ", words).strip());
    }
  }

  private static void count(Map<String, Long> counts, String text) {
    if (counts.containsKey(text) || counts.size() < MOST_OPENINGS) {
      counts.merge(text, 1L, Long::sum);
    }
  }

  /// @param to the file of what is known of all answers
  void write(ObjectNode to) {
    to.put("rows", rows).put("kept", kept).put("texts", texts);
    to.put("answers", answers).put("asked_again", answers - rows);
    ObjectNode useless = to.putObject("of_no_use");
    AnswerReader.FLAWS.forEach(flaw -> useless.put(flaw, flaws.getOrDefault(flaw, 0L)));
    to.put("rows_with_boilerplate", strippedRows);
    top(to.putArray("boilerplate"), stripped);
    to.put("same_as_another", same);
    top(to.putArray("beginnings"), openings);
  }

  private static void top(ArrayNode to, Map<String, Long> counts) {
    counts.entrySet().stream()
        .sorted(
            Map.Entry.<String, Long>comparingByValue(Comparator.reverseOrder())
                .thenComparing(Map.Entry.comparingByKey()))
        .limit(SHOWN_OPENINGS)
        .forEach(
            entry -> to.addObject().put("text", entry.getKey()).put("times", entry.getValue()));
  }

  /// A caption's number among equal ones.
  static long digest(JsonNode result) {
    return Row.hash(result.path(Captioning.TEXTS).path(0).asText().toLowerCase(Locale.ROOT));
  }
}
