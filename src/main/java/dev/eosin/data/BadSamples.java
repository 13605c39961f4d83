package dev.eosin.data;

import java.util.List;
import java.util.function.Function;

/// Samples that were found to be bad when their source was opened, before any image was read. Each
/// is a bad row when its turn comes.
///
/// @param count different samples, whatever is wrong with them
/// @param missing those whose image files are not there
/// @param empty those whose captions are empty
/// @param flawed those that hold no whole question or conversation
public record BadSamples(long count, MissingFiles missing, EmptyCaptions empty, FlawedRows flawed) {
  /// None was found.
  public static final BadSamples NONE =
      new BadSamples(0, MissingFiles.NONE, EmptyCaptions.NONE, FlawedRows.NONE);

  private static final int SHOWN = 3;

  /// Those of several sources together.
  public static BadSamples joined(List<BadSamples> parts) {
    return new BadSamples(
        parts.stream().mapToLong(BadSamples::count).sum(),
        new MissingFiles(
            parts.stream().mapToLong(part -> part.missing.count()).sum(),
            first(parts, part -> part.missing.first())),
        new EmptyCaptions(
            parts.stream().mapToLong(part -> part.empty.count()).sum(),
            first(parts, part -> part.empty.first())),
        new FlawedRows(
            parts.stream().mapToLong(part -> part.flawed.count()).sum(),
            first(parts, part -> part.flawed.first())));
  }

  private static List<String> first(
      List<BadSamples> parts, Function<BadSamples, List<String>> named) {
    return parts.stream().flatMap(part -> named.apply(part).stream()).limit(SHOWN).toList();
  }
}
