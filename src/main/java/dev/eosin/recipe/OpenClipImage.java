package dev.eosin.recipe;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// The image flags of open_clip as the key `data.image`.
///
/// @param command the flags
/// @param open where to add what recipes have nothing for
record OpenClipImage(OpenClipCommand command, List<String> open) {
  /// The entries of the map.
  String settings() {
    List<String> entries = new ArrayList<>();
    entries.add("size: " + size());
    List<String> augmentation = command.flags().getOrDefault("aug-cfg", List.of());
    entries.add("crop-scale: " + pair(augmentation, "scale").orElse("[0.9, 1.0]"));
    pair(augmentation, "ratio").ifPresent(ratio -> entries.add("crop-ratio: " + ratio));
    augmentation.stream()
        .filter(entry -> !entry.matches("(scale|ratio)=.*"))
        .forEach(entry -> open.add("--aug-cfg %s: is not translated".formatted(entry)));
    triple("image-mean").ifPresent(mean -> entries.add("mean: " + mean));
    triple("image-std").ifPresent(std -> entries.add("std: " + std));
    choice("image-interpolation", "interpolation", "bicubic", "bilinear").ifPresent(entries::add);
    choice("image-resize-mode", "fit", "shortest", "squash").ifPresent(entries::add);
    return String.join(", ", entries);
  }

  private String size() {
    List<String> given = command.flags().getOrDefault("force-image-size", List.of());
    if (given.isEmpty()) {
      boolean large = command.value("model").orElse("").toLowerCase(Locale.ROOT).contains("-336");
      return large ? "336 px" : "224 px";
    }
    return String.join(" x ", given.stream().map(pixels -> pixels + " px").toList());
  }

  private static Optional<String> pair(List<String> augmentation, String name) {
    return augmentation.stream()
        .filter(entry -> entry.startsWith(name + "="))
        .map(entry -> entry.substring(name.length() + 1).replaceAll("[()\\[\\]\\s]", ""))
        .map(numbers -> "[" + numbers.replace(",", ", ") + "]")
        .findFirst();
  }

  private Optional<String> triple(String flag) {
    List<String> given = command.flags().getOrDefault(flag, List.of());
    if (given.isEmpty()) {
      return Optional.empty();
    }
    List<String> three =
        given.size() == 1 ? List.of(given.getFirst(), given.getFirst(), given.getFirst()) : given;
    return Optional.of("[" + String.join(", ", three) + "]");
  }

  private Optional<String> choice(String flag, String key, String... known) {
    Optional<String> given = command.value(flag);
    if (given.isPresent() && !List.of(known).contains(given.get())) {
      open.add(
          "--%s %s: recipes have %s".formatted(flag, given.get(), String.join(" and ", known)));
      return Optional.empty();
    }
    return given.map(value -> key + ": " + value);
  }
}
