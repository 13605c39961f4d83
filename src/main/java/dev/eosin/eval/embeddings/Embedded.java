package dev.eosin.eval.embeddings;

import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.image.RgbImage;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A row on its way to an embedding.
///
/// @param row what is known of it
/// @param digest SHA-256 of its image's file, where there is one
/// @param content what becomes of it
record Embedded(ActivationRow row, byte @Nullable [] digest, Content content) {
  /// Of a row that another rank embedded.
  static Embedded known(ActivationRow row, float[] vector) {
    byte[] digest = row.sha256().map(HexFormat.of()::parseHex).orElse(null);
    return new Embedded(row, digest, new Known(vector));
  }

  /// What becomes of a row.
  sealed interface Content {}

  /// It is embedded.
  record Image(RgbImage tile) implements Content {}

  /// It is embedded.
  record Text(String text) implements Content {}

  /// It was embedded before.
  record Known(float[] vector) implements Content {}

  /// It has no embedding, for a reason in one line.
  record LeftOut(String reason) implements Content {}

  /// Why it is left out.
  Optional<String> reason() {
    return content instanceof LeftOut(String why) ? Optional.of(why) : Optional.empty();
  }
}
