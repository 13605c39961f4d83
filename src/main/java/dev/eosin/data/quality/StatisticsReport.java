package dev.eosin.data.quality;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// The statistics of a recipe's data, for people and for programs.
///
/// @param parts by their keys in the recipe: `data.train`, `data.validation`
/// @param across findings that concern both parts, one line each
/// @param refusals what a training would refuse of them, one line each
public record StatisticsReport(
    Map<String, SourceStatistics> parts, List<String> across, List<String> refusals) {
  /// What a line begins with that says why a training does not start.
  static final String REFUSED = "eosin train refuses: ";

  private static final int SHOWN = 5;
  private static final int LABELS_SHOWN = 40;
  private static final int LONGEST = 200;

  public StatisticsReport {
    parts = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    across = List.copyOf(across);
    refusals = List.copyOf(refusals);
  }

  /// For a terminal.
  public List<String> lines() {
    List<String> lines = new ArrayList<>();
    parts.forEach(
        (name, part) -> {
          lines.add(name);
          facts(part).forEach((fact, value) -> lines.add("  %-18s  %s".formatted(fact, value)));
        });
    across.forEach(finding -> lines.add("both parts: " + finding));
    refusals.forEach(reason -> lines.add(REFUSED + reason));
    return lines;
  }

  /// The figures of one part in words, by what they are of.
  static Map<String, String> facts(SourceStatistics part) {
    Map<String, String> facts = new LinkedHashMap<>();
    facts.put("looked at", part.reading().lookedAt());
    facts.put("passed over", passedOver(part));
    facts.put("samples", samples(part));
    facts.put("content", counted(part.content(), SHOWN));
    if (!part.facts().isEmpty()) {
      facts.put("facts asked for", counted(part.facts(), LABELS_SHOWN));
    }
    facts.put("captions", captions(part));
    if (!part.labels().isEmpty()) {
      facts.put("labels", counted(part.labels(), LABELS_SHOWN));
    }
    facts.put("groups", part.groups() == 0 ? "none" : String.valueOf(part.groups()));
    facts.put("image sizes", counted(part.sizes(), SHOWN));
    facts.put("bad samples", unreadable(part));
    facts.put("equal files", sets(part.equalFiles()));
    facts.put("equal pictures", sets(part.equalPictures()));
    facts.put("empty pictures", named(part.emptyPictures()));
    return facts;
  }

  private static String passedOver(SourceStatistics part) {
    List<String> lines = part.reading().passedOver();
    return lines.isEmpty() ? "nothing" : String.join("; ", lines);
  }

  private static String samples(SourceStatistics part) {
    return part.examined() == part.samples()
        ? "%d".formatted(part.samples())
        : "%d, of which %d were examined".formatted(part.samples(), part.examined());
  }

  private static String captions(SourceStatistics part) {
    Distribution tokens = part.captionTokens();
    if (tokens.count() == 0) {
      return "none";
    }
    return "%d of %s ids; %d (%.1f %%) too long; %d samples without one; %d samples share theirs"
        .formatted(
            tokens.count(),
            tokens,
            part.captionsTooLong(),
            100.0 * part.captionsTooLong() / tokens.count(),
            part.samplesWithoutCaption(),
            part.captionsShared());
  }

  private static String counted(Map<String, Integer> counts, int most) {
    List<String> shown =
        counts.entrySet().stream()
            .limit(most)
            .map(entry -> cut(entry.getKey()) + ": " + entry.getValue())
            .toList();
    int hidden = counts.size() - shown.size();
    return String.join(", ", shown) + (hidden > 0 ? " and %d more".formatted(hidden) : "");
  }

  private static String named(List<String> names) {
    return names.isEmpty()
        ? "none"
        : "%d, for example %s".formatted(names.size(), String.join("; ", first(names)));
  }

  private static String unreadable(SourceStatistics part) {
    List<String> names = part.unreadable();
    return names.isEmpty()
        ? "none"
        : "%d (%.1f %%), for example %s"
            .formatted(
                names.size(),
                100.0 * names.size() / part.examined(),
                String.join("; ", first(names)));
  }

  private static String sets(List<List<String>> sets) {
    int copies = sets.stream().mapToInt(List::size).sum() - sets.size();
    long again = sets.stream().mapToLong(set -> set.size() - set.stream().distinct().count()).sum();
    return copies == 0
        ? "none"
        : "%d copies%s, for example %s"
            .formatted(
                copies,
                again == 0 ? "" : " (%d of them name a file again)".formatted(again),
                String.join(" = ", first(sets.getFirst())));
  }

  private static List<String> first(List<String> names) {
    return names.stream().limit(SHOWN).map(StatisticsReport::cut).toList();
  }

  /// A name that leaves room for others.
  private static String cut(String name) {
    return name.length() <= LONGEST ? name : name.substring(0, LONGEST) + "...";
  }

  /// For programs: every figure and every key.
  public String json() {
    ObjectNode root = new ObjectMapper().createObjectNode();
    ObjectNode nodes = root.putObject("parts");
    parts.forEach((name, part) -> fill(nodes.putObject(name), part));
    across.forEach(root.putArray("across")::add);
    refusals.forEach(root.putArray("refused")::add);
    return root.toPrettyString() + "\n";
  }

  private static void fill(ObjectNode node, SourceStatistics part) {
    node.put("looked_at", part.reading().lookedAt());
    part.reading().passedOver().forEach(node.putArray("passed_over")::add);
    node.put("samples", part.samples()).put("examined", part.examined());
    part.content().forEach(node.putObject("content")::put);
    part.facts().forEach(node.putObject("facts")::put);
    Distribution tokens = part.captionTokens();
    node.putObject("caption_tokens")
        .put("count", tokens.count())
        .put("least", tokens.least())
        .put("mean", tokens.mean())
        .put("median", tokens.median())
        .put("upper_95", tokens.upper())
        .put("most", tokens.most());
    node.put("captions_too_long", part.captionsTooLong());
    node.put("samples_without_caption", part.samplesWithoutCaption());
    node.put("captions_shared", part.captionsShared());
    part.labels().forEach(node.putObject("labels")::put);
    node.put("groups", part.groups());
    part.sizes().forEach(node.putObject("sizes")::put);
    part.unreadable().forEach(node.putArray("unreadable")::add);
    fill(node.putArray("equal_files"), part.equalFiles());
    fill(node.putArray("equal_pictures"), part.equalPictures());
    part.emptyPictures().forEach(node.putArray("empty_pictures")::add);
  }

  private static void fill(ArrayNode node, List<List<String>> sets) {
    sets.forEach(set -> set.forEach(node.addArray()::add));
  }
}
