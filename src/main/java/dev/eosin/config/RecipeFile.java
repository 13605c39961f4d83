package dev.eosin.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A recipe as one tree: what it `extends` merged below it, the overrides laid on top, every value
/// with the place it comes from.
///
/// @param path the file, as the user named it
/// @param root the merged tree, without `extends`
/// @param problems what is wrong so far without being fatal: duplicate keys, overrides that do not
///   apply; [Binder#bind] throws them together with its own
/// @param environment the variables that `${NAME}` in text and paths may refer to
/// @param layers the file and those it extends, the uppermost first
public record RecipeFile(
    Path path,
    Tree.Mapping root,
    List<Problem> problems,
    Map<String, String> environment,
    List<Path> layers) {
  /// Copies what it is given.
  public RecipeFile {
    layers = List.copyOf(layers);
    problems = List.copyOf(problems);
    environment = Map.copyOf(environment);
  }

  /// Reads a recipe with the environment of this process.
  ///
  /// @param overrides each `key=value`, later ones win
  /// @throws RecipeException when a file is missing, too large, not UTF-8 or not YAML, or extends
  ///   itself
  public static RecipeFile read(Path path, List<String> overrides) {
    return read(path, overrides, System.getenv());
  }

  /// Reads a recipe with `environment` for its `${NAME}` references.
  public static RecipeFile read(
      Path path, List<String> overrides, Map<String, String> environment) {
    RecipeLoader loader = new RecipeLoader(path, environment);
    return loader.finish(loader.file(path), overrides);
  }

  /// Reads a recipe from `text`; `name` stands for its file in problems and for `extends`.
  public static RecipeFile parse(
      Path name, String text, List<String> overrides, Map<String, String> environment) {
    RecipeLoader loader = new RecipeLoader(name, environment);
    return loader.finish(loader.text(name, text), overrides);
  }

  /// Where the value at `keyPath` comes from, or the nearest map or list around it that is there.
  public Place place(String keyPath) {
    return place(root, KeyPath.steps(keyPath));
  }

  /// What stands at `keyPath`; empty where nothing does, or a map or list.
  public Optional<String> text(String keyPath) {
    Tree here = root;
    for (String step : KeyPath.steps(keyPath)) {
      Tree next = child(here, step);
      if (next == null) {
        return Optional.empty();
      }
      here = next;
    }
    return here instanceof Tree.Scalar scalar ? Optional.of(scalar.text()) : Optional.empty();
  }

  static Place place(Tree tree, List<String> steps) {
    Tree here = tree;
    for (String step : steps) {
      Tree next = child(here, step);
      if (next == null) {
        break;
      }
      here = next;
    }
    return here.place();
  }

  private static @Nullable Tree child(Tree tree, String step) {
    return switch (tree) {
      case Tree.Scalar scalar -> null;
      case Tree.Sequence list -> {
        int index = step.matches("[0-9]{1,6}") ? Integer.parseInt(step) : -1;
        yield index >= 0 && index < list.items().size() ? list.items().get(index) : null;
      }
      case Tree.Mapping map -> {
        Tree.Entry entry = map.entries().get(step);
        yield entry == null ? null : entry.value();
      }
    };
  }
}
