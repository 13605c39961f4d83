package dev.eosin.instruct;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Quote;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowPreparation.Assembly;
import dev.eosin.prepare.RowPreparation.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/// Reads what was said of each row, leaves out what breaks a rule, and writes the rest.
final class InstructionAssembly implements Assembly {
  static final String INSTRUCTIONS = "instructions.jsonl";
  static final String REJECTS = "question-rejects.jsonl";
  static final String GENERATED = "generated.jsonl";
  static final String MANIFEST = "instructions.json";

  private final CaptionInstructionSettings settings;
  private final Optional<Map<Way, Integer>> quotas;
  private final Optional<PairRules> rules;
  private final InstructionCounts counts;
  private final Outputs.Lines instructions;
  private final Outputs.Lines rejects;
  private final Optional<Outputs.Lines> generated;
  private final OutputStream manifest;
  private final Set<String> seen = new HashSet<>();

  InstructionAssembly(CaptionInstructionSettings settings, CaptionSurvey survey, Outputs outputs)
      throws IOException {
    this.settings = settings;
    quotas = settings.mix().map(InstructionMix::quotas);
    rules = settings.generated().map(PairRules::of);
    counts = new InstructionCounts(survey.drawn(), quotas);
    instructions = outputs.jsonLines(INSTRUCTIONS);
    rejects = outputs.jsonLines(REJECTS);
    generated =
        settings.ways().contains(Way.GENERATED)
            ? Optional.of(outputs.jsonLines(GENERATED))
            : Optional.empty();
    manifest = outputs.open(MANIFEST);
  }

  @Override
  public Optional<Outcome.Rejected> add(Row row, JsonNode result) throws IOException {
    CaptionRow said = CaptionRow.of(row, settings);
    List<LeftOut> leftOut = new ArrayList<>();
    List<Instruction> kept = new ArrayList<>();
    Optional<Outcome.Rejected> unread = Optional.empty();
    if (result.has("QA")) {
      String text = result.path("QA").asText();
      writeRaw(said, text);
      PairText pairs = PairText.of(text, result.path("finish").asText().equals("length"));
      unread = unread(text, pairs);
      kept.addAll(generated(said, pairs, leftOut));
    }
    templates(said, result, kept, leftOut);
    List<Instruction> written = withinQuotas(kept, leftOut);
    for (Instruction one : written) {
      seen.add(identity(said, one));
      counts.add(one);
      instructions.write(json(one, said));
    }
    for (LeftOut one : leftOut) {
      counts.add(one);
      rejects.write(json(one, said));
    }
    if (!written.isEmpty()) {
      counts.addImage(said.image());
      return Optional.empty();
    }
    return unread.or(() -> Optional.of(nothingLeft(leftOut)));
  }

  private void writeRaw(CaptionRow said, String text) throws IOException {
    ObjectNode raw = JsonNodeFactory.instance.objectNode();
    raw.put("QA", text).put("path", said.image()).put("caption", said.caption());
    generated.orElseThrow().write(raw.put("key", said.key()));
  }

  private static Optional<Outcome.Rejected> unread(String text, PairText pairs) {
    if (text.isBlank()) {
      return Optional.of(
          new Outcome.Rejected(CaptionInstructions.SILENT, "the model said nothing"));
    }
    return pairs.pairs().isEmpty()
        ? Optional.of(new Outcome.Rejected(CaptionInstructions.UNPARSABLE, Quote.line(text)))
        : Optional.empty();
  }

  private static Outcome.Rejected nothingLeft(List<LeftOut> leftOut) {
    List<String> why = leftOut.stream().map(LeftOut::reason).distinct().sorted().toList();
    return new Outcome.Rejected(CaptionInstructions.NOTHING_LEFT, String.join(", ", why));
  }

  private List<Instruction> generated(CaptionRow said, PairText pairs, List<LeftOut> leftOut) {
    leftOut.addAll(pairs.halves());
    List<Instruction> kept = new ArrayList<>();
    Set<String> own = new HashSet<>();
    for (Instruction pair : pairs.pairs()) {
      Optional<LeftOut> broken = rules.orElseThrow().leftOut(pair);
      if (broken.isPresent()) {
        leftOut.add(broken.get());
      } else if (seen.contains(identity(said, pair)) || !own.add(identity(said, pair))) {
        leftOut.add(LeftOut.of(pair, PairRules.DUPLICATE, "asked of this image already"));
      } else {
        kept.add(pair);
      }
    }
    if (kept.size() >= settings.generated().orElseThrow().leastPairs()) {
      return kept;
    }
    String detail = "%d left of its caption".formatted(kept.size());
    kept.forEach(pair -> leftOut.add(LeftOut.of(pair, PairRules.TOO_FEW, detail)));
    return List.of();
  }

  private void templates(
      CaptionRow said, JsonNode result, List<Instruction> kept, List<LeftOut> leftOut) {
    for (JsonNode one : result.path("templates")) {
      var pair =
          new Instruction(
              Way.valueOf(one.path("way").asText()),
              one.path("question").asText(),
              one.path("answer").asText());
      if (pair.answer().isEmpty()) {
        leftOut.add(LeftOut.of(pair, PairRules.NOTHING_FALSE, "no other group has another text"));
      } else if (seen.contains(identity(said, pair))) {
        leftOut.add(LeftOut.of(pair, PairRules.DUPLICATE, "asked of this image already"));
      } else {
        kept.add(pair);
      }
    }
  }

  private List<Instruction> withinQuotas(List<Instruction> kept, List<LeftOut> leftOut) {
    if (quotas.isEmpty()) {
      return kept;
    }
    List<Instruction> written = new ArrayList<>();
    for (Instruction one : kept) {
      long before = written.stream().filter(other -> other.way() == one.way()).count();
      if (counts.of(one.way()) + before < Objects.requireNonNull(quotas.get().get(one.way()))) {
        written.add(one);
      } else {
        leftOut.add(LeftOut.of(one, PairRules.OVER_THE_QUOTA, "mix has enough of this way"));
      }
    }
    return written;
  }

  private static String identity(CaptionRow said, Instruction pair) {
    return said.image() + "\n" + pair.question().toLowerCase(Locale.ROOT).strip();
  }

  private static ObjectNode json(Instruction one, CaptionRow said) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("question", one.question())
        .put("answer", one.answer())
        .put("path", said.image())
        .put("key", said.key())
        .put("way", one.way().word());
  }

  private static ObjectNode json(LeftOut one, CaptionRow said) {
    return JsonNodeFactory.instance
        .objectNode()
        .put("key", said.key())
        .put("way", one.way().word())
        .put("reason", one.reason())
        .put("detail", one.detail())
        .put("question", one.question())
        .put("answer", one.answer());
  }

  @Override
  public void finish() throws IOException {
    String text = counts.json().toPrettyString() + "\n";
    manifest.write(text.getBytes(StandardCharsets.UTF_8));
  }
}
