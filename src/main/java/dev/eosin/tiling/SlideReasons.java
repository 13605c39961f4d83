package dev.eosin.tiling;

import java.util.List;

/// Why a slide is left out.
final class SlideReasons {
  static final String UNREADABLE_SLIDE = "unreadable-slide";
  static final String NO_PLAN = "not-cut";
  static final String TOO_COARSE = "too-coarse";
  static final String NO_TISSUE = "no-tissue";
  static final String UNREADABLE_TILES = "unreadable-tiles";
  static final String NO_TILE_KEPT = "no-tile-kept";

  static final List<String> ALL =
      List.of(UNREADABLE_SLIDE, NO_PLAN, TOO_COARSE, NO_TISSUE, UNREADABLE_TILES, NO_TILE_KEPT);

  private SlideReasons() {}
}
