package dev.eosin.data.settings;

import dev.eosin.config.Doc;
import dev.eosin.config.Range;
import dev.eosin.config.Samples;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// `type: mixture`: several sources, each with its share of the training stream.
@Doc(
    "Several sources, each with its exact share of every epoch of training; only for data.train."
        + " One part with an epoch is a source with epochs of another length.")
public record MixtureSettings(
    @Doc("The sources, at least one.") List<PartSettings> parts,
    @Doc("The length of an epoch; without it as many samples as all parts have together.")
        Optional<Samples> epoch)
    implements SourceSettings {
  /// One source of a mixture.
  @Doc("One source of a mixture.")
  public record PartSettings(
      @Doc("Names the part in messages; no two parts have the same.") String name,
      @Doc("Where its samples come from; no mixture and no split.") SourceSettings source,
      @Doc("Its share of every epoch, relative to the weights of the other parts.")
          @Range(above = 0)
          double weight) {}

  /// @throws IllegalArgumentException without parts, for two parts of one name, or a part that is
  ///   itself made of parts
  public MixtureSettings {
    parts = List.copyOf(parts);
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("parts: a mixture needs at least one");
    }
    Set<String> names = new HashSet<>();
    for (PartSettings part : parts) {
      if (!names.add(part.name())) {
        throw new IllegalArgumentException("parts: two are named '%s'".formatted(part.name()));
      }
      if (part.source() instanceof MixtureSettings || part.source() instanceof SplitSettings) {
        throw new IllegalArgumentException(
            "parts: the source of '%s' is a mixture or a split; name its samples directly"
                .formatted(part.name()));
      }
    }
  }
}
