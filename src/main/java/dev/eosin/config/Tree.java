package dev.eosin.config;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A YAML document as plain nodes that remember where they come from.
///
/// Aliases are resolved, keys are unique, nothing is interpreted yet: a scalar is the text that was
/// written, because only the record it is bound to says what it means.
public sealed interface Tree {
  /// Where the node comes from; a map or list inside a map has the place of its key.
  Place place();

  /// One value.
  ///
  /// @param text as written, without quotes
  /// @param plain whether it stood without quotes, so that `5` is a number and `"5"` is text
  record Scalar(String text, boolean plain, Place place) implements Tree {}

  /// A list.
  record Sequence(List<Tree> items, Place place) implements Tree {
    /// Copies `items`.
    public Sequence {
      items = List.copyOf(items);
    }
  }

  /// A map in the order of the document.
  ///
  /// @param partial whether only overrides made it: it adds to what is there, even to a default,
  ///   and a key may be the index of a list's element
  record Mapping(Map<String, Entry> entries, boolean partial, Place place) implements Tree {
    /// Copies `entries`.
    public Mapping {
      entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
    }
  }

  /// A key's place and its value.
  record Entry(Place place, Tree value) {}

  /// Whether this is a null of YAML's core schema (`null`, `~` or nothing).
  default boolean isNull() {
    return this instanceof Scalar scalar && CoreScalar.of(scalar) == CoreScalar.NULL;
  }

  /// What problems call this node: `a map`, `a list` or the scalar in quotes.
  default String found() {
    return switch (this) {
      case Mapping mapping -> "a map";
      case Sequence sequence -> "a list";
      case Scalar scalar -> isNull() ? "no value" : "'" + shortened(scalar.text()) + "'";
    };
  }

  private static String shortened(String text) {
    String line = text.strip().lines().findFirst().orElse("");
    return line.length() <= 60 && line.equals(text)
        ? text
        : line.substring(0, Math.min(57, line.length())) + "...";
  }
}
