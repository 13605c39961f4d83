package dev.eosin.clip.spec;

import dev.eosin.nn.Dropout;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// How a checkpoint names the architecture that it is of: [ClipSpec]'s own text without the fields
/// that later versions added and that are at the value that changes nothing. So a run that an older
/// version began goes on with a newer one.
///
/// Every field is in the text unless it is named here: one that is forgotten refuses older runs,
/// and never lets another model pass.
public final class ArchitectureText {
  /// In a state's further keys.
  public static final String KEY = "model.architecture";

  /// Fields that were added to records of the specification after the first runs, never as a
  /// record's first, each with its neutral value.
  private static final List<String> NEUTRAL = List.of("logitBias=false", "dropout=" + Dropout.NONE);

  private static final Pattern NEUTRAL_FIELDS =
      Pattern.compile(
          ", (?:%s)(?=[,\\]])"
              .formatted(String.join("|", NEUTRAL.stream().map(Pattern::quote).toList())));

  private static final Pattern DROPOUT = Pattern.compile(", dropout=Dropout\\[[^\\]]*\\]");

  private ArchitectureText() {}

  /// What is written into a checkpoint.
  public static String of(ClipSpec spec) {
    return withoutNeutral(spec.toString());
  }

  /// What a state's further keys say, empty where they say nothing.
  ///
  /// @param more of a [dev.eosin.checkpoint.CheckpointState]
  public static String stored(Map<String, String> more) {
    return withoutNeutral(more.getOrDefault(KEY, ""));
  }

  /// As [#stored] and [#of], without what training steps alone obey: whether weights of the one fit
  /// the other.
  public static String ofWeights(String text) {
    return DROPOUT.matcher(text).replaceAll("");
  }

  /// Whether a state's further keys name another architecture. Those of versions that named none do
  /// not.
  ///
  /// @param more of a [dev.eosin.checkpoint.CheckpointState]
  public static boolean contradicts(Map<String, String> more, ClipSpec spec) {
    return more.containsKey(KEY) && !stored(more).equals(of(spec));
  }

  /// How the text of an older version reads today.
  public static String today(String text) {
    return withoutNeutral(text);
  }

  private static String withoutNeutral(String text) {
    return NEUTRAL_FIELDS.matcher(text).replaceAll("");
  }
}
