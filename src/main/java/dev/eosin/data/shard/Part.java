package dev.eosin.data.shard;

/// What a member is to its sample.
public enum Part {
  /// `jpg`, `png`, `jpeg`, `webp`, `tif`, `tiff`, `bmp`, `gif`, `jp2`: the first of these where a
  /// sample has several.
  IMAGE,
  /// `txt`: a caption.
  TEXT,
  /// `json`: captions, label and group by field.
  JSON,
  /// `cls`: the label.
  LABEL
}
