package dev.eosin.clip.spec;

import dev.eosin.checkpoint.Layout;
import dev.eosin.tower.TowerNames;
import java.util.Arrays;
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

  private final String title;

  ClipFormat(String title) {
    this.title = title;
  }

  /// The format's name for people.
  public String title() {
    return title;
  }

  /// The name table for a model of these towers.
  ///
  /// @throws IllegalArgumentException for towers that this format cannot hold
  public Layout layout(TowerNames towers) {
    TowerNames.Image image = towers.image();
    TowerNames.Text text = towers.text();
    if (!holdsOthers() && !towers.areClips()) {
      throw new IllegalArgumentException(title + " cannot hold " + towers.title());
    }
    return switch (this) {
      case OPEN_CLIP -> ClipLayouts.openClip(image, text);
      case OPEN_CLIP_CUSTOM_TEXT -> ClipLayouts.openClipCustomText(image, text);
      case HUGGING_FACE -> ClipLayouts.huggingFaceClip(image.layers(), text.layers());
      case EOSIN -> ClipLayouts.eosin(image, text);
    };
  }

  /// Whether towers other than CLIP's own have names in this format.
  boolean holdsOthers() {
    return this != HUGGING_FACE;
  }

  /// The format in which both towers of a CLIP model are among the names.
  public static Optional<ClipFormat> of(Set<String> names) {
    return Arrays.stream(values()).filter(format -> format.towers(names).isPresent()).findFirst();
  }

  /// The towers that the names tell, if both are there: as many blocks as the names have, from the
  /// first on.
  public Optional<TowerNames> towers(Set<String> names) {
    return new TowerSearch(this, names).towers();
  }
}
