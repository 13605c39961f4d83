package dev.eosin.curate.rules;

import java.util.Optional;

/// A step that leaves out rows which are like an earlier one that is kept. Rows can only be alike
/// where the later one asks under a key under which the earlier one lies.
public sealed interface Likeness extends SpreadStep permits CaptionLikeness, PictureLikeness {
  /// What of a row is compared; empty for one that is like no other.
  Optional<int[]> compared(Candidate row);

  /// Where a row looks for earlier ones; each key once.
  long[] asks(int[] later);

  /// Where later rows find it; each key once.
  long[] lies(int[] earlier);

  /// Whether they are alike.
  boolean alike(int[] earlier, int[] later);

  /// What is said of a row that is left out.
  ///
  /// @param earlier what is compared of the first row that is kept and like it
  /// @param position of that row
  String detail(int[] earlier, int position, Candidate later);
}
