package dev.eosin.slide;

import java.util.List;

/// Why tiles are dropped.
public final class TileReasons {
  public static final String NO_TISSUE = "no-tissue";
  public static final String FOLD = "fold";
  public static final String PEN = "pen";
  public static final String BLANK = "blank";
  public static final String BLURRED = "blurred";
  public static final String UNREADABLE = "unreadable";

  /// In the order in which tiles are judged.
  public static final List<String> ALL = List.of(NO_TISSUE, FOLD, UNREADABLE, PEN, BLANK, BLURRED);

  private TileReasons() {}
}
