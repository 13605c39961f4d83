package dev.eosin.instruct;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import dev.eosin.prepare.Row;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/// Which slides train, and which of their tiles. A function of folders, settings and seed.
///
/// @param tiles all of them
/// @param slides that train, as folders from the root
/// @param drawn the paths of the tiles that train
record SlideDraw(List<SlideTile> tiles, Set<String> slides, Set<String> drawn) {
  /// @throws DataException when a folder is not as expected, or slides are too few or not there
  static SlideDraw of(FewShotSettings settings, RandomKey key) throws DataException {
    List<SlideTile> tiles = SlideFolders.tiles(settings);
    Map<String, Set<String>> byKind = new LinkedHashMap<>();
    for (SlideTile tile : tiles) {
      byKind.computeIfAbsent(tile.kind(), _ -> new TreeSet<>()).add(tile.slide());
    }
    Set<String> slides = new TreeSet<>();
    if (settings.slides().isEmpty()) {
      for (Map.Entry<String, Set<String>> kind : byKind.entrySet()) {
        slides.addAll(least(settings, key, kind.getKey(), kind.getValue()));
      }
    } else {
      slides.addAll(named(settings, tiles, byKind));
    }
    return new SlideDraw(tiles, slides, tilesOf(slides, tiles, settings, key));
  }

  private static List<String> least(
      FewShotSettings settings, RandomKey key, String kind, Set<String> slides)
      throws DataException {
    if (slides.size() < settings.slidesPerClass()) {
      throw new DataException(
          "%s: has %d slides, and slides-per-class wants %d"
              .formatted(settings.path().resolve(kind), slides.size(), settings.slidesPerClass()));
    }
    return ranked(key, "slide", new ArrayList<>(slides)).subList(0, settings.slidesPerClass());
  }

  private static Set<String> named(
      FewShotSettings settings, List<SlideTile> tiles, Map<String, Set<String>> byKind)
      throws DataException {
    Set<String> missing = new TreeSet<>(settings.slides());
    Set<String> slides = new TreeSet<>();
    for (SlideTile tile : tiles) {
      if (settings.slides().contains(tile.slideName())) {
        slides.add(tile.slide());
        missing.remove(tile.slideName());
      }
    }
    if (!missing.isEmpty()) {
      throw new DataException(
          "%s: has no slides %s; slides names folders that are there"
              .formatted(settings.path(), Quote.some(missing, 10)));
    }
    for (Map.Entry<String, Set<String>> kind : byKind.entrySet()) {
      if (kind.getValue().stream().noneMatch(slides::contains)) {
        throw new DataException(
            "%s: slides names none of its slides, expected one of each class and source"
                .formatted(settings.path().resolve(kind.getKey())));
      }
    }
    return slides;
  }

  private static Set<String> tilesOf(
      Set<String> slides, List<SlideTile> tiles, FewShotSettings settings, RandomKey key) {
    Map<String, List<String>> bySlide = new LinkedHashMap<>();
    for (SlideTile tile : tiles) {
      if (slides.contains(tile.slide())) {
        bySlide.computeIfAbsent(tile.slide(), _ -> new ArrayList<>()).add(tile.path());
      }
    }
    Set<String> drawn = new HashSet<>();
    for (List<String> all : bySlide.values()) {
      int count = Math.min(all.size(), settings.tilesPerSlide().orElse(all.size()));
      drawn.addAll(ranked(key, "tile", all).subList(0, count));
    }
    return drawn;
  }

  private static List<String> ranked(RandomKey key, String purpose, List<String> names) {
    long position = Row.hash("draw " + purpose);
    return names.stream()
        .sorted(
            Comparator.comparingLong(
                    (String name) ->
                        key.stream(Purpose.PREPARATION, position, Row.hash(name)).nextLong())
                .thenComparing(name -> name))
        .toList();
  }
}
