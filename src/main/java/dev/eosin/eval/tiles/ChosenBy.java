package dev.eosin.eval.tiles;

import dev.eosin.eval.ConfusionMatrix;
import java.util.Locale;

/// What validation tiles choose by.
public enum ChosenBy {
  ACCURACY,
  BALANCED_ACCURACY,
  F1_MACRO,
  F1_WEIGHTED;

  double of(ConfusionMatrix confusion) {
    return switch (this) {
      case ACCURACY -> confusion.top1();
      case BALANCED_ACCURACY -> confusion.balancedAccuracy();
      case F1_MACRO -> confusion.f1Macro();
      case F1_WEIGHTED -> confusion.f1Weighted();
    };
  }

  /// As results name it.
  String figure() {
    return name().toLowerCase(Locale.ROOT);
  }
}
