package dev.eosin.data.quality;

import java.util.ArrayList;
import java.util.List;

/// Puts pictures together that show the same: each joins the first set whose first picture is near.
final class SimilarPictures {
  private final int distance;
  private final List<PerceptualHash> firsts = new ArrayList<>();
  private final List<List<String>> sets = new ArrayList<>();

  SimilarPictures(int distance) {
    this.distance = distance;
  }

  void add(String key, PerceptualHash picture) {
    for (int set = 0; set < firsts.size(); set++) {
      if (firsts.get(set).distance(picture) <= distance) {
        sets.get(set).add(key);
        return;
      }
    }
    firsts.add(picture);
    sets.add(new ArrayList<>(List.of(key)));
  }

  /// The sets of two or more.
  List<List<String>> sets() {
    return sets.stream().filter(keys -> keys.size() > 1).map(List::copyOf).toList();
  }
}
