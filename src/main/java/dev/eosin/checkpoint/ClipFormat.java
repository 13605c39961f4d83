package dev.eosin.checkpoint;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// How a file names the tensors of a CLIP model.
public enum ClipFormat {
  /// open_clip's `CLIP`, and OpenAI's own.
  OPEN_CLIP("open_clip"),
  /// open_clip's `CustomTextCLIP` around a plain text transformer.
  OPEN_CLIP_CUSTOM_TEXT("open_clip with a text module"),
  /// transformers' `CLIPModel`.
  HUGGING_FACE("Hugging Face CLIPModel"),
  /// Eosin's own names.
  EOSIN("Eosin");

  private static final String FIRST_BLOCK = ".blocks.0.attention-norm.weight";

  private final String title;

  ClipFormat(String title) {
    this.title = title;
  }

  /// The format's name for people.
  public String title() {
    return title;
  }

  /// The name table for a model of this size.
  public Layout layout(int imageLayers, int textLayers) {
    return switch (this) {
      case OPEN_CLIP -> Layout.openClip(imageLayers, textLayers);
      case OPEN_CLIP_CUSTOM_TEXT -> Layout.openClipCustomText(imageLayers, textLayers);
      case HUGGING_FACE -> Layout.huggingFaceClip(imageLayers, textLayers);
      case EOSIN -> Layout.eosinClip(imageLayers, textLayers);
    };
  }

  /// The format in which both towers of a CLIP model are among the names.
  public static Optional<ClipFormat> of(Set<String> names) {
    return Arrays.stream(values())
        .filter(format -> format.hasTower(names, "image") && format.hasTower(names, "text"))
        .findFirst();
  }

  /// The name table for as many blocks as the names have, from the first on.
  public Layout layoutOf(Set<String> names) {
    return layout(layers(names, "image"), layers(names, "text"));
  }

  private boolean hasTower(Set<String> names, String tower) {
    return layers(names, tower) > 0;
  }

  private int layers(Set<String> names, String tower) {
    String first = foreign(tower + FIRST_BLOCK);
    int layers = 0;
    while (names.contains(first.replace(".0.", "." + layers + "."))) {
      layers++;
    }
    return layers;
  }

  private String foreign(String name) {
    List<TensorRule> rules = layout(1, 1).rules();
    return rules.stream()
        .filter(rule -> rule.name().equals(name))
        .findFirst()
        .orElseThrow()
        .foreignNames()
        .getFirst();
  }
}
