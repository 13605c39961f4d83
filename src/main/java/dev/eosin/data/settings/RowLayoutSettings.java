package dev.eosin.data.settings;

import dev.eosin.config.Bare;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;

/// `rows`: what rows of unlike lengths cost. Whichever is chosen, a step's loss is the mean over
/// everything that is asked for in its rows.
@Doc("What becomes of the room that shorter rows of a step leave.")
public record RowLayoutSettings(
    @Doc(
            "padded: filled up to the longest row that is computed with them. grouped: filled, too,"
                + " but rows of like lengths make a step. packed: not filled; rows stand one after"
                + " the other, each sees itself alone, and a step has the rows that it has when"
                + " padded.")
        @Bare
        @OrElse("padded")
        Layout as,
    @Doc(
            "With grouped: so many steps' rows are sorted by length together, then put into steps"
                + " in random order.")
        @OrElse("64")
        @Range(min = 1)
        int window,
    @Doc(
            "With grouped: rows with images and rows without any stand in steps apart, but for one"
                + " step of each window.")
        @OrElse("false")
        boolean modalityPure) {
  /// How rows become what a model computes.
  public enum Layout {
    PADDED,
    GROUPED,
    PACKED
  }

  /// Filled up, in any order.
  public static final RowLayoutSettings PADDED = new RowLayoutSettings(Layout.PADDED, 64, false);

  /// One after the other.
  public static final RowLayoutSettings PACKED = new RowLayoutSettings(Layout.PACKED, 64, false);

  /// @throws IllegalArgumentException for rows that are apart without being grouped
  public RowLayoutSettings {
    if (modalityPure && as != Layout.GROUPED) {
      throw new IllegalArgumentException("modality-pure: needs as: grouped");
    }
  }
}
