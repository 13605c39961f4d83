package dev.eosin.data.shard;

import java.util.Locale;
import java.util.Optional;

/// A member's name, taken apart by WebDataset's rule: what is before the first dot of the last path
/// component names the sample, what is after it the part.
///
/// @param key `folder/000123`
/// @param suffix in small letters: `jpg`, `seg.png`
record SampleName(String key, String suffix) {
  /// Empty for a name that is no part of a sample: without a dot, or with nothing before it.
  static Optional<SampleName> of(String name) {
    int component = name.lastIndexOf('/') + 1;
    int dot = name.indexOf('.', component);
    return dot <= component
        ? Optional.empty()
        : Optional.of(
            new SampleName(
                name.substring(0, dot), name.substring(dot + 1).toLowerCase(Locale.ROOT)));
  }
}
