package dev.eosin.serve;

import dev.eosin.config.DataException;
import java.util.Optional;
import java.util.regex.Pattern;

/// What a model that answers says of a conversation that it cannot answer, where that is the
/// client's to mend: one that is too long, or has its images in the wrong places.
final class ModelRefusal {
  private static final Pattern PATH = Pattern.compile("[/\\\\]");
  private static final Pattern TELLING =
      Pattern.compile("\\b(ids|tokens|image|images|question|message|conversation|system)\\b");

  private ModelRefusal() {}

  /// @return empty where it speaks of something else, or names a path
  static Optional<ApiException> of(DataException refused) {
    String message = String.valueOf(refused.getMessage());
    boolean tell = TELLING.matcher(message).find() && !PATH.matcher(message).find();
    return tell
        ? Optional.of(new ApiException(400, "invalid_conversation", "messages", message))
        : Optional.empty();
  }
}
