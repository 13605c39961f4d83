package dev.eosin.report;

import java.util.List;
import java.util.Optional;

/// Queries and what was nearest to each, as examples.
///
/// @param title which way it goes
public record Hits(String title, List<Query> queries) {
  public Hits {
    queries = List.copyOf(queries);
  }

  /// What is shown of an image or a text.
  ///
  /// @param id names it, and its picture where it is an image
  /// @param text what it says; empty for an image
  public record Item(String id, Optional<String> text) {}

  /// A query.
  ///
  /// @param found the nearest first
  public record Query(Item item, List<Hit> found) {
    public Query {
      found = List.copyOf(found);
    }
  }

  /// What was found.
  ///
  /// @param right whether it belongs to the query
  public record Hit(Item item, double cosine, boolean right) {}
}
