package dev.eosin.run.models;

import dev.eosin.clip.spec.ClipFormat;

/// Layouts of written weights, by the names that users know.
public enum WeightLayout {
  OPEN_CLIP(ClipFormat.OPEN_CLIP),
  HUGGING_FACE(ClipFormat.HUGGING_FACE),
  EOSIN(ClipFormat.EOSIN);

  private final ClipFormat format;

  WeightLayout(ClipFormat format) {
    this.format = format;
  }

  ClipFormat format() {
    return format;
  }

  /// The layout to write what was read from `format`.
  static WeightLayout like(ClipFormat format) {
    return switch (format) {
      case OPEN_CLIP, OPEN_CLIP_CUSTOM_TEXT -> OPEN_CLIP;
      case HUGGING_FACE -> HUGGING_FACE;
      case EOSIN -> EOSIN;
    };
  }

  @Override
  public String toString() {
    return switch (this) {
      case OPEN_CLIP -> "open-clip";
      case HUGGING_FACE -> "hugging-face";
      case EOSIN -> "eosin";
    };
  }
}
