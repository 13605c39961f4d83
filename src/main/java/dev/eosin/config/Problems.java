package dev.eosin.config;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/// Collects everything that is wrong with one recipe, so that a user mends it in one go.
public final class Problems {
  private final Path document;
  private final Set<Problem> found = new LinkedHashSet<>();

  /// @param document the recipe that the problems are about
  public Problems(Path document) {
    this.document = document;
  }

  /// Notes one problem; see [Problem] for the parts.
  public void add(Place place, String key, String message) {
    found.add(new Problem(place, key, message));
  }

  /// Whether nothing is wrong so far.
  public boolean isEmpty() {
    return found.isEmpty();
  }

  /// The problems: overrides first, then by file and line.
  public List<Problem> list() {
    Comparator<Problem> order =
        Comparator.comparingInt((Problem problem) -> rank(problem.place()))
            .thenComparing(problem -> file(problem.place()))
            .thenComparingInt(problem -> line(problem.place()));
    return found.stream().sorted(order).toList();
  }

  /// Throws every problem at once; returns when there is none.
  ///
  /// @throws RecipeException with all problems
  public void throwIfAny() {
    if (!isEmpty()) {
      throw exception();
    }
  }

  /// The exception that shows every problem so far.
  RecipeException exception() {
    return new RecipeException(document, list());
  }

  private int rank(Place place) {
    return switch (place) {
      case Place.CommandLine() -> 0;
      case Place.Line(Path file, int line) -> file.equals(document) ? 1 : 2;
      case Place.Whole(Path file) -> file.equals(document) ? 1 : 2;
      case Place.Default() -> 3;
    };
  }

  private static String file(Place place) {
    return switch (place) {
      case Place.Line(Path file, int line) -> file.toString();
      case Place.Whole(Path file) -> file.toString();
      case Place.CommandLine(), Place.Default() -> "";
    };
  }

  private static int line(Place place) {
    return place instanceof Place.Line(Path file, int line) ? line : 0;
  }
}
