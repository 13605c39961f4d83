package dev.eosin.export;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.onnx.GraphPrecision;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;

/// How far graphs agree with the model that they were made of.
///
/// @param tiles that were looked at
/// @param unreadable that could not be
/// @param texts that were looked at
/// @param difference the largest of any element of an embedding, or of a logit through the scale
/// @param cosine the least of an embedding with the model's own
/// @param top1Agreement share of tiles for which the nearest text is the same; where pairs are
///   judged as well, of tiles that are judged the same, or of the judged probability that is, where
///   that is less
/// @param modelTop1 the model's share of tiles whose nearest class is theirs, where that is known
/// @param graphTop1 the graphs' share
public record Agreement(
    int tiles,
    int unreadable,
    int texts,
    double difference,
    double cosine,
    double top1Agreement,
    OptionalDouble modelTop1,
    OptionalDouble graphTop1) {
  private static final double FP32_DIFFERENCE = 1e-4;
  private static final double FP16_COSINE = 0.9995;
  private static final double FP16_AGREEMENT = 0.995;
  private static final double INT8_COSINE = 0.99;
  private static final double INT8_AGREEMENT = 0.97;
  private static final double INT8_POINT = 0.01;

  /// As bundles keep it.
  void write(ObjectNode json) {
    json.put("tiles", tiles).put("tiles_unreadable", unreadable);
    json.put("texts", texts);
    json.put("largest_difference", difference);
    json.put("least_cosine", cosine);
    json.put("top1_agreement", top1Agreement);
    modelTop1.ifPresent(value -> json.put("zero_shot_top1_eosin", value));
    graphTop1.ifPresent(value -> json.put("zero_shot_top1_graph", value));
  }

  /// What of it is outside of what a precision allows; empty where graphs are as good as the model.
  public Optional<String> fault(GraphPrecision precision) {
    return switch (precision) {
      case FP32 -> difference(FP32_DIFFERENCE);
      case FP16 -> cosine(FP16_COSINE).or(() -> agreement(FP16_AGREEMENT));
      case INT8 ->
          cosine(INT8_COSINE).or(() -> agreement(INT8_AGREEMENT)).or(() -> point(INT8_POINT));
    };
  }

  private Optional<String> difference(double most) {
    return difference <= most
        ? Optional.empty()
        : said("embeddings differ by %.2e, at most %.0e is allowed", difference, most);
  }

  private Optional<String> cosine(double least) {
    return cosine >= least
        ? Optional.empty()
        : said(
            "an embedding's cosine with the model's own is %.5f, at least %s is needed",
            cosine, least);
  }

  private Optional<String> agreement(double least) {
    return top1Agreement >= least
        ? Optional.empty()
        : said(
            "the nearest text, or what is judged of a tile and a text, is the same for %.2f %% of"
                + " tiles, at least %s %% is needed",
            100 * top1Agreement, 100 * least);
  }

  private Optional<String> point(double most) {
    double lost = modelTop1.orElse(0) - graphTop1.orElse(0);
    return Math.abs(lost) <= most
        ? Optional.empty()
        : said(
            "zero-shot top-1 is %.4f, the model's %.4f: more than a point apart",
            graphTop1.orElse(0), modelTop1.orElse(0));
  }

  private static Optional<String> said(String format, Object... values) {
    return Optional.of(String.format(Locale.ROOT, format, values));
  }

  /// For a person, one line.
  public String text() {
    String line =
        String.format(
            Locale.ROOT,
            "%d tiles and %d texts: largest difference %.1e, least cosine %.6f, same nearest text %.2f %%",
            tiles,
            texts,
            difference,
            cosine,
            100 * top1Agreement);
    if (modelTop1.isPresent() && graphTop1.isPresent()) {
      line +=
          String.format(
              Locale.ROOT,
              ", zero-shot top-1 %.4f (Eosin %.4f)",
              graphTop1.getAsDouble(),
              modelTop1.getAsDouble());
    }
    return unreadable == 0 ? line : line + ", %d tiles unreadable".formatted(unreadable);
  }
}
