package dev.eosin.eval.tiles;

import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import java.util.List;

/// A class of tiles.
@Doc("A class of tiles: the label that the data has, and what prompts call it.")
public record TileClass(
    @Doc("The label of its tiles: the name of their folder, or what the table's column says.")
        String label,
    @Doc("Names that prompts give it, each of which counts; the label, with blanks for _, if none.")
        @OrElse("[]")
        List<String> names) {
  /// @throws IllegalArgumentException for a name that is blank
  public TileClass {
    names = List.copyOf(names);
    if (label.isBlank() || names.stream().anyMatch(String::isBlank)) {
      throw new IllegalArgumentException("classes: a label or name is blank");
    }
  }

  /// What prompts call it, at least one.
  public List<String> texts() {
    return names.isEmpty() ? List.of(label.replace('_', ' ')) : names;
  }
}
