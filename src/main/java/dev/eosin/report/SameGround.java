package dev.eosin.report;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.samples.SampleResults;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Whether two evaluations may be compared: figures of other samples or by other rules say nothing
/// about models.
final class SameGround {
  /// Inputs that are the data, not the model.
  private static final List<String> DATA =
      List.of(
          "tiles.sha256",
          "sides.sha256",
          "slides.sha256",
          "config.sha256",
          "data.validation.fingerprint",
          "questions.fingerprint");

  /// Digest of the image files that a model saw, where it saw any: stored features have none.
  private static final String SEEN = "model.images.sha256";

  /// Details that are rules, not results.
  private static final List<String> RULES =
      List.of(
          "version",
          "figures",
          "protocol",
          "seed",
          "bootstrap",
          "tiles",
          "templates",
          "names",
          "labels",
          "rows",
          "shots",
          "draws",
          "learner",
          "drawn",
          "votes",
          "share",
          "lrs",
          "epochs",
          "batch",
          "weight_decay",
          "updates_at_most",
          "fold",
          "fusion",
          "images",
          "texts",
          "match");

  private static final String OTHER_FILES = "evaluate both on the same files";
  private static final int LONGEST = 120;

  private SameGround() {}

  static void requireSameInputs(MeasuredFolder first, MeasuredFolder other) throws DataException {
    requireSame(
        first,
        other,
        "data",
        DATA,
        first.results().path("inputs"),
        other.results().path("inputs"),
        OTHER_FILES);
    JsonNode one = first.results().path("inputs").path(SEEN);
    JsonNode two = other.results().path("inputs").path(SEEN);
    if (one.isTextual() && two.isTextual() && !one.equals(two)) {
      String how = ": %s is %s and %s".formatted(SEEN, one, two);
      throw refused(first, other, "images", how, OTHER_FILES);
    }
  }

  static void requireSameRules(String evaluation, MeasuredFolder first, MeasuredFolder other)
      throws DataException {
    requireSame(
        first,
        other,
        "rules of " + evaluation,
        RULES,
        first.results().path("details").path(evaluation),
        other.results().path("details").path(evaluation),
        "evaluate both by the same recipe and version");
    SampleResults one = first.samples().get(evaluation);
    SampleResults two = other.samples().get(evaluation);
    if (one != null && two != null && !one.samples().equals(two.samples())) {
      throw refused(first, other, "samples of " + evaluation, "", OTHER_FILES);
    }
  }

  private static void requireSame(
      MeasuredFolder first,
      MeasuredFolder other,
      String what,
      List<String> keys,
      JsonNode one,
      JsonNode two,
      String otherwise)
      throws DataException {
    Map<String, String> differ = new TreeMap<>();
    for (String key : keys) {
      if (!one.path(key).equals(two.path(key))) {
        differ.put(key, "%s is %s and %s".formatted(key, text(one.path(key)), text(two.path(key))));
      }
    }
    if (!differ.isEmpty()) {
      throw refused(first, other, what, ": " + String.join("; ", differ.values()), otherwise);
    }
  }

  private static String text(JsonNode node) {
    String text = node.isMissingNode() ? "not there" : node.toString();
    return text.length() > LONGEST ? text.substring(0, LONGEST) + "..." : text;
  }

  private static DataException refused(
      MeasuredFolder first, MeasuredFolder other, String what, String how, String otherwise) {
    return new DataException(
        "%s and %s cannot be compared, their %s differ%s; %s"
            .formatted(first.name(), other.name(), what, how, otherwise));
  }
}
