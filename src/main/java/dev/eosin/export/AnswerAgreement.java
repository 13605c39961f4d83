package dev.eosin.export;

import dev.eosin.onnx.GraphPrecision;
import java.util.Locale;
import java.util.Optional;

/// How far the graphs of a model that answers agree with it.
///
/// @param questions that were asked
/// @param tokens of the model's answers, each judged behind the same tokens before it
/// @param difference the largest of any token's logits, as a share of the largest of them where
///   that is above 1
/// @param cosine the least of any token's logits with the model's own
/// @param tokenAgreement share of the tokens that are the likeliest of the graphs as well
public record AnswerAgreement(
    int questions, long tokens, double difference, double cosine, double tokenAgreement) {
  private static final double FP32_DIFFERENCE = 1e-4;
  private static final double FP16_COSINE = 0.9995;
  private static final double FP16_AGREEMENT = 0.995;
  private static final double INT8_COSINE = 0.99;
  private static final double INT8_AGREEMENT = 0.97;

  /// What of it is outside of what a precision allows; empty where graphs are as good as the model.
  public Optional<String> fault(GraphPrecision precision) {
    return switch (precision) {
      case FP32 ->
          difference <= FP32_DIFFERENCE
              ? Optional.empty()
              : said(
                  "logits differ by %.2e of the largest, at most %.0e is allowed",
                  difference, FP32_DIFFERENCE);
      case FP16 -> narrow(FP16_COSINE, FP16_AGREEMENT);
      case INT8 -> narrow(INT8_COSINE, INT8_AGREEMENT);
    };
  }

  private Optional<String> narrow(double leastCosine, double leastAgreement) {
    if (cosine < leastCosine) {
      return said(
          "the logits of a token have a cosine of %.5f with the model's own, at least %s is needed",
          cosine, leastCosine);
    }
    return tokenAgreement >= leastAgreement
        ? Optional.empty()
        : said(
            "the likeliest token is the same for %.2f %% of tokens, at least %s %% is needed",
            100 * tokenAgreement, 100 * leastAgreement);
  }

  private static Optional<String> said(String format, Object... values) {
    return Optional.of(String.format(Locale.ROOT, format, values));
  }

  /// For a person, one line.
  public String text() {
    return String.format(
        Locale.ROOT,
        "%d questions: largest difference of a logit %.1e, least cosine %.6f, the same likeliest token for %.2f %% of %d",
        questions,
        difference,
        cosine,
        100 * tokenAgreement,
        tokens);
  }
}
