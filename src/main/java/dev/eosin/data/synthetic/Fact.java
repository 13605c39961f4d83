package dev.eosin.data.synthetic;

import java.util.List;
import java.util.Locale;

/// One of the things that may be asked about a tile of [Facts]. The words of the values are what a
/// true answer says; their order is the order of [Facts]' numbers.
public enum Fact {
  TISSUE(
      List.of(
          "mucosa",
          "adenocarcinoma",
          "squamous",
          "stroma",
          "muscle",
          "adipose",
          "lymphocytes",
          "mucus",
          "necrosis")),
  DENSITY(List.of("sparse", "moderate", "dense")),
  STAIN(List.of("pink", "purple", "blue")),
  CALCIFICATION(List.of("absent", "present")),
  /// Of the calcification, where there is one.
  QUADRANT(List.of("upper left", "upper right", "lower left", "lower right"));

  private final List<String> words;

  Fact(List<String> words) {
    this.words = words;
  }

  /// Its name in files and reports.
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /// The words of its values.
  public List<String> words() {
    return words;
  }
}
