package dev.eosin.tiling;

import java.util.List;

/// Why slides and crops are left out.
final class CropReasons {
  /// Of slides.
  static final String MISSING_SLIDE = "missing-slide";

  static final String UNREADABLE_SLIDE = SlideReasons.UNREADABLE_SLIDE;
  static final String NO_CROP_KEPT = "no-crop-kept";
  static final List<String> SLIDES = List.of(MISSING_SLIDE, UNREADABLE_SLIDE, NO_CROP_KEPT);

  /// Of crops: an earlier record has the same place.
  static final String REPEATED = "repeated";

  /// It does not lie inside of the slide.
  static final String OUTSIDE = "outside";

  static final String UNREADABLE = "unreadable";
  static final List<String> CROPS = List.of(REPEATED, OUTSIDE, UNREADABLE);

  private CropReasons() {}
}
