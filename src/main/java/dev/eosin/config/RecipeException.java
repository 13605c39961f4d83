package dev.eosin.config;

import java.io.Serial;
import java.nio.file.Path;
import java.util.List;

/// A recipe (or an override) that cannot be used; the command ends with exit code 2, or with 3
/// where there is no such file.
///
/// The message lists every problem, one a line:
///
/// ```
/// recipes/bad.yaml: 2 problems, nothing was started
///   override  batch.global     'many' is not a number
///   line 16   schedule.warmpu  unknown key; did you mean 'warmup'?
/// ```
public final class RecipeException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  /// More only scroll away what comes first.
  private static final int MOST_SHOWN = 50;

  /// What stands for the file where a recipe is at hand and its file is not.
  private static final Path UNNAMED = Path.of("the recipe");

  private final transient List<Problem> problems;
  private final boolean fileUnreadable;

  /// @param document the recipe
  /// @param problems in the order to show them
  public RecipeException(Path document, List<Problem> problems) {
    this(document, problems, false);
  }

  /// @param fileUnreadable whether there is no such recipe at all, or it cannot be read
  RecipeException(Path document, List<Problem> problems, boolean fileUnreadable) {
    super(text(document, problems));
    this.problems = List.copyOf(problems);
    this.fileUnreadable = fileUnreadable;
  }

  /// Whether there is no recipe to read: a missing file, a folder, one without permission; not a
  /// wrong one.
  public boolean fileUnreadable() {
    return fileUnreadable;
  }

  /// The same with the lines of a recipe, where problems were found after it had been read and know
  /// their keys alone.
  ///
  /// @param recipe what was read
  /// @param type of which it is: a key that the recipe gives by the one that it stands for
  ///   ([InsteadOf]) is told as the recipe has it
  public RecipeException located(RecipeFile recipe, Class<?> type) {
    if (problems.stream().noneMatch(problem -> isUnplaced(problem, recipe))) {
      return this;
    }
    return new RecipeException(
        recipe.path(),
        problems.stream()
            .map(
                problem -> {
                  String key = Binder.written(recipe, type, problem.key());
                  return isUnplaced(problem, recipe)
                      ? new Problem(place(recipe, key), key, problem.message())
                      : problem;
                })
            .toList());
  }

  private static boolean isUnplaced(Problem problem, RecipeFile recipe) {
    return !problem.key().isEmpty()
        && problem.place() instanceof Place.Whole(Path file)
        && (file.equals(UNNAMED) || file.equals(recipe.path()));
  }

  private static Place place(RecipeFile recipe, String key) {
    try {
      return recipe.place(key);
    } catch (IllegalArgumentException noPath) {
      return new Place.Whole(recipe.path());
    }
  }

  /// Every problem, in the order shown.
  public List<Problem> problems() {
    return problems;
  }

  private static String text(Path document, List<Problem> all) {
    List<Problem> problems = all.subList(0, Math.min(all.size(), MOST_SHOWN));
    int places = width(problems.stream().map(problem -> problem.place().text(document)).toList());
    int keys = width(problems.stream().map(Problem::key).toList());
    StringBuilder text = new StringBuilder();
    text.append(document).append(": ").append(all.size());
    text.append(all.size() == 1 ? " problem" : " problems").append(", nothing was started");
    for (Problem problem : problems) {
      text.append("\n  ").append(padded(problem.place().text(document), places));
      text.append(padded(problem.key(), keys)).append(problem.message());
    }
    if (all.size() > problems.size()) {
      text.append("\n  and ").append(all.size() - problems.size()).append(" more");
    }
    return text.toString();
  }

  private static int width(List<String> column) {
    int longest = column.stream().mapToInt(String::length).max().orElse(0);
    return longest == 0 ? 0 : longest + 2;
  }

  private static String padded(String text, int width) {
    return text + " ".repeat(width - text.length());
  }
}
