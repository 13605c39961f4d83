package dev.eosin.checkpoint;

import java.util.Optional;

/// Eosin's names of a low-rank adapter and of the weight that it adapts.
///
/// @param weight W [out,in]
/// @param down A [r,in]
/// @param up B [out,r]
/// @param magnitude the rows' trained lengths `[out]`, where there are any (DoRA)
public record AdapterPair(String weight, String down, String up, Optional<String> magnitude) {
  /// Without lengths of its own.
  public AdapterPair(String weight, String down, String up) {
    this(weight, down, up, Optional.empty());
  }
}
