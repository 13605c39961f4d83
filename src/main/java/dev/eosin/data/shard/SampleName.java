package dev.eosin.data.shard;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/// A member's name, taken apart. WebDataset splits at the first dot of the last path component;
/// where what follows is no known part, the name is split at its last dot, so that names with dots,
/// as TCGA's slides have them, keep their samples.
///
/// @param stem up to the first dot of the last path component: `folder/TCGA-F7-A50J`
/// @param key up to the last one, names the sample: `folder/TCGA-F7-A50J.D754_0_0`
/// @param ending behind it, in small letters: `jpg`
record SampleName(String stem, String key, String ending) {
  /// Empty for a name without an ending: without a dot, or with nothing before it.
  static Optional<SampleName> of(String name) {
    int component = name.lastIndexOf('/') + 1;
    int first = name.indexOf('.', component);
    int last = name.lastIndexOf('.');
    return first <= component
        ? Optional.empty()
        : Optional.of(
            new SampleName(
                name.substring(0, first),
                name.substring(0, last),
                name.substring(last + 1).toLowerCase(Locale.ROOT)));
  }

  /// Whether the member or a folder that it is in is hidden.
  static boolean isHidden(String name) {
    return name.contains(".") && Arrays.stream(name.split("/")).anyMatch(PassedOver::isHidden);
  }
}
