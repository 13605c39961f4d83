package dev.eosin.nn;

import java.util.List;
import java.util.Optional;

/// A part of a model: a tower, a connector, a decoder, what makes logits. A model is its parts in
/// the order of its forward pass, which is also the order of checkpoints and first values.
public interface Part {
  /// What the names of its weights begin with, before a dot.
  String prefix();

  /// For a person.
  String title();

  /// Names, shapes and first values, in the order of the forward pass.
  List<Weight> weights();

  /// Its stack of blocks, where it has one.
  Optional<Transformer> blocks();

  /// Its weights in the groups that a lock counts, the one nearest the input first; weights in none
  /// are always trained.
  List<List<String>> lockGroups();
}
