package dev.eosin.instruct;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Reads the question-answer pairs of a model's answer: lines that begin with `question:` and
/// `answer:`, whatever numbers, quotes and marks of Markdown stand around these words (also `Q:`,
/// `A:`, `User:`, `Assistant:`), or JSON objects that have both as fields.
///
/// @param pairs whole ones, in their order
/// @param halves questions without an answer and answers without a question
record PairText(List<Instruction> pairs, List<LeftOut> halves) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /// A word that begins a side, at the start of a line or after a side on the same line.
  private static final Pattern SIDE =
      Pattern.compile(
          "(?im)(?:^[\\s>*#_\"'{(\\[-]*(?:\\d+\\s*[.):]\\s*)?[*_\"']*|(?<=[.?!\"'])[ \\t]+)"
              + "(question|answer|user|assistant|q|a)\\s*\\d*[*_\"']*\\s*[:.)][*_]*[ \\t]*");

  private static final Pattern FENCE = Pattern.compile("(?m)^\\s*```\\w*\\s*$");

  /// @param cutShort whether the model was stopped before its end: then the last pair is no whole
  static PairText of(String text, boolean cutShort) {
    String plain = FENCE.matcher(text).replaceAll("").strip();
    PairText read = json(plain).orElseGet(() -> lines(plain));
    return cutShort ? read.withoutLast() : read;
  }

  private static Optional<PairText> json(String text) {
    if (!text.startsWith("[") && !text.startsWith("{")) {
      return Optional.empty();
    }
    try {
      List<Instruction> pairs = new ArrayList<>();
      List<LeftOut> halves = new ArrayList<>();
      collect(JSON.readTree(text), pairs, halves);
      return pairs.isEmpty() ? Optional.empty() : Optional.of(new PairText(pairs, halves));
    } catch (JsonProcessingException noJson) {
      return Optional.empty();
    }
  }

  private static void collect(JsonNode node, List<Instruction> pairs, List<LeftOut> halves) {
    String question = field(node, "question", "q");
    String answer = field(node, "answer", "a");
    if (question.isEmpty() && answer.isEmpty()) {
      node.forEach(inner -> collect(inner, pairs, halves));
    } else {
      add(question, answer, pairs, halves);
    }
  }

  private static String field(JsonNode node, String name, String letter) {
    for (Map.Entry<String, JsonNode> field : node.properties()) {
      String key = field.getKey().toLowerCase(Locale.ROOT);
      if (field.getValue().isTextual() && (key.equals(name) || key.equals(letter))) {
        return field.getValue().textValue().strip();
      }
    }
    return "";
  }

  private static PairText lines(String text) {
    List<Instruction> pairs = new ArrayList<>();
    List<LeftOut> halves = new ArrayList<>();
    Matcher side = SIDE.matcher(text);
    String question = "";
    boolean more = side.find();
    while (more) {
      boolean asks = side.group(1).toLowerCase(Locale.ROOT).matches("question|user|q");
      int from = side.end();
      more = side.find();
      String said = bare(text.substring(from, more ? side.start() : text.length()));
      if (asks) {
        add(question, "", pairs, halves);
        question = said;
      } else {
        add(question, said, pairs, halves);
        question = "";
      }
    }
    add(question, "", pairs, halves);
    return new PairText(pairs, halves);
  }

  private static void add(
      String question, String answer, List<Instruction> pairs, List<LeftOut> halves) {
    if (question.isEmpty() && answer.isEmpty()) {
      return;
    }
    var pair = new Instruction(Way.GENERATED, question, answer);
    if (question.isEmpty()) {
      halves.add(LeftOut.of(pair, PairRules.HALF, "an answer without a question"));
    } else if (answer.isEmpty()) {
      halves.add(LeftOut.of(pair, PairRules.HALF, "a question without an answer"));
    } else {
      pairs.add(pair);
    }
  }

  /// On one line, without the quotes and marks around it.
  private static String bare(String text) {
    String line = text.replaceAll("\\s+", " ").strip();
    line = line.replaceFirst("^[*_]+", "").replaceFirst("(?: ?[*_#-]+| \\d+[.)])+$", "").strip();
    boolean quoted = line.length() > 1 && "\"'\u201c".indexOf(line.charAt(0)) >= 0;
    if (quoted && "\"'\u201d".indexOf(line.charAt(line.length() - 1)) >= 0) {
      line = line.substring(1, line.length() - 1).strip();
    }
    return line;
  }

  private PairText withoutLast() {
    if (pairs.isEmpty()) {
      return this;
    }
    List<LeftOut> all = new ArrayList<>(halves);
    all.add(LeftOut.of(pairs.getLast(), PairRules.CUT_SHORT, "the model was stopped within it"));
    return new PairText(pairs.subList(0, pairs.size() - 1), List.copyOf(all));
  }
}
