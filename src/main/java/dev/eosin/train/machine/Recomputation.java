package dev.eosin.train.machine;

import dev.eosin.config.WrittenAs;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Activation checkpointing: which blocks keep what their backward needs, and which compute it
/// again from their input (Chen et al. 2016, arXiv 1604.06174).
///
/// @param every 0 keeps everything, 1 computes every block again, k every k-th one
@WrittenAs(
    pattern = "keep|recompute|recompute every [1-9][0-9]{0,3} blocks",
    example = {"keep", "recompute", "recompute every 2 blocks"})
public record Recomputation(int every) {
  /// Nothing is computed twice.
  public static final Recomputation NONE = new Recomputation(0);

  private static final Pattern EVERY = Pattern.compile("recompute every ([1-9][0-9]{0,3}) blocks");

  /// @throws IllegalArgumentException when `every` is negative
  public Recomputation {
    if (every < 0) {
      throw new IllegalArgumentException("'" + every + "' is negative");
    }
  }

  /// Reads `keep`, `recompute` or `recompute every 2 blocks`.
  public static Recomputation parse(String text) {
    Matcher every = EVERY.matcher(text);
    if (every.matches()) {
      return new Recomputation(Integer.parseInt(every.group(1)));
    }
    return switch (text) {
      case "keep" -> NONE;
      case "recompute" -> new Recomputation(1);
      default ->
          throw new IllegalArgumentException(
              "'%s' is neither 'keep' nor 'recompute' nor 'recompute every 2 blocks'"
                  .formatted(text));
    };
  }

  @Override
  public String toString() {
    return switch (every) {
      case 0 -> "keep";
      case 1 -> "recompute";
      default -> "recompute every " + every + " blocks";
    };
  }
}
