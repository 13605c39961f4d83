package dev.eosin.recipe.openclip;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/// The image flags of open_clip as the key `data.image`.
///
/// Source: open_clip 3.3.0 `open_clip/transform.py`, where `--aug-cfg` means one thing with
/// `use_timm=True` and another without.
///
/// @param command the flags
/// @param open where to add what recipes have nothing for
/// @param notes where to add what changes nothing
record OpenClipImage(OpenClipCommand command, List<String> open, List<String> notes) {
  private static final List<String> KEYS =
      List.of(
          "scale",
          "ratio",
          "color_jitter",
          "re_prob",
          "re_count",
          "use_timm",
          "color_jitter_prob",
          "gray_scale_prob");

  /// The entries of the map.
  String settings() {
    List<String> entries = new ArrayList<>();
    Map<String, String> augmentation = augmentation();
    boolean timm = augmentation.getOrDefault("use_timm", "False").matches("True|1");
    entries.add("size: " + size());
    entries.add("crop-scale: " + list(augmentation.getOrDefault("scale", "0.9, 1.0")));
    List<String> colours = timm ? ofTimm(augmentation, entries) : ofOpenClip(augmentation);
    if (!colours.isEmpty()) {
      entries.add("augment: { " + String.join(", ", colours) + " }");
    }
    triple("image-mean").ifPresent(mean -> entries.add("mean: " + mean));
    triple("image-std").ifPresent(std -> entries.add("std: " + std));
    interpolation(timm).ifPresent(entries::add);
    resizeMode().ifPresent(entries::add);
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

  /// The values of `--aug-cfg` without brackets and spaces.
  private Map<String, String> augmentation() {
    Map<String, String> values = new LinkedHashMap<>();
    for (String entry : command.flags().getOrDefault("aug-cfg", List.of())) {
      String[] parts = entry.split("=", 2);
      if (parts.length == 2 && KEYS.contains(parts[0])) {
        values.put(parts[0], parts[1].replaceAll("[()\\[\\]\\s]", "").replaceAll(",$", ""));
      } else {
        open.add(
            "--aug-cfg %s: open_clip 3.3.0 knows %s".formatted(entry, String.join(", ", KEYS)));
      }
    }
    values.values().removeIf("None"::equals);
    return values;
  }

  /// timm's transform: its colours are changed always, by one number or three or four.
  private List<String> ofTimm(Map<String, String> augmentation, List<String> entries) {
    Optional.ofNullable(augmentation.get("ratio"))
        .ifPresent(ratio -> entries.add("crop-ratio: " + list(ratio)));
    ignored(augmentation, "with use_timm", "color_jitter_prob", "gray_scale_prob");
    if (augmentation.containsKey("re_prob")) {
      open.add(
          "--aug-cfg re_prob=%s: recipes do not erase parts of an image"
              .formatted(augmentation.get("re_prob")));
    } else {
      ignored(augmentation, "without re_prob", "re_count");
    }
    String jitter = augmentation.get("color_jitter");
    if (jitter == null) {
      return List.of();
    }
    List<String> numbers = new ArrayList<>(List.of(jitter.split(",")));
    while (numbers.size() == 1 || numbers.size() == 2) {
      numbers.add(numbers.getFirst());
    }
    if (numbers.size() == 3) {
      numbers.add("0");
    }
    return List.of("color-jitter: [" + String.join(", ", numbers) + "]");
  }

  /// open_clip's own transform: four numbers of colour change, and only with a probability.
  private List<String> ofOpenClip(Map<String, String> augmentation) {
    List<String> colours = new ArrayList<>();
    ignored(augmentation, "without use_timm=True", "ratio", "re_prob", "re_count");
    String probability = augmentation.getOrDefault("color_jitter_prob", "0");
    String jitter = augmentation.getOrDefault("color_jitter", "");
    if (probability.matches("0(\\.0*)?")) {
      ignored(augmentation, "without color_jitter_prob", "color_jitter");
    } else if (jitter.split(",").length != 4) {
      open.add(
          "--aug-cfg color_jitter_prob=%s: open_clip wants four numbers of color_jitter with it"
              .formatted(probability));
    } else {
      colours.add("color-jitter: " + list(jitter));
      colours.add("color-jitter-probability: " + probability);
    }
    Optional.ofNullable(augmentation.get("gray_scale_prob"))
        .ifPresent(share -> colours.add("gray-scale-probability: " + share));
    return colours;
  }

  private void ignored(Map<String, String> augmentation, String when, String... keys) {
    for (String key : keys) {
      if (augmentation.containsKey(key)) {
        notes.add(
            "--aug-cfg %s=%s is left out: open_clip ignores it %s"
                .formatted(key, augmentation.get(key), when));
      }
    }
  }

  private static String list(String numbers) {
    return "[" + numbers.replaceAll(",\\s*", ", ") + "]";
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

  /// open_clip's own transform trains bicubic whatever the flag says; timm's obeys it.
  private Optional<String> interpolation(boolean timm) {
    String given = command.value("image-interpolation").orElse("bicubic");
    if (timm && given.equals("bilinear")) {
      return Optional.of("interpolation: bilinear");
    }
    if (timm && given.equals("random")) {
      open.add("--image-interpolation random: recipes have one for all images; it is bicubic");
    } else if (given.equals("bilinear")) {
      open.add(
          "--image-interpolation bilinear: open_clip evaluates with it and trains with bicubic;"
              + " recipes have one for both, and bicubic is taken");
    } else if (given.equals("random")) {
      notes.add("--image-interpolation random means bicubic in open_clip without use_timm=True");
    }
    return Optional.empty();
  }

  private Optional<String> resizeMode() {
    Optional<String> given = command.value("image-resize-mode");
    if (given.isPresent() && !List.of("shortest", "squash").contains(given.get())) {
      open.add("--image-resize-mode %s: recipes have shortest and squash".formatted(given.get()));
      return Optional.empty();
    }
    return given.map(mode -> "fit: " + mode);
  }
}
