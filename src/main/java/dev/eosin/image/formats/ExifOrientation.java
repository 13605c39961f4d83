package dev.eosin.image.formats;

/// What to do with the orientation that a camera or scanner wrote into a file, in EXIF or, where
/// EXIF has none, in XMP.
///
/// An unreadable block counts as none. TIFF files are turned upright either way: their orientation
/// is a field of the format itself, and Pillow obeys it.
public enum ExifOrientation {
  /// Take the pixels as they are stored, as Pillow and open_clip do when they open a file.
  IGNORE,
  /// Turn and mirror the image so that it stands upright (Pillow's `exif_transpose`).
  APPLY
}
