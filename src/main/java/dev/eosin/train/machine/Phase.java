package dev.eosin.train.machine;

import dev.eosin.model.PartMemory;

/// One part of a training step, as its memory sees it; a family lists them in their order and
/// [StepMemory] walks them.
public sealed interface Phase {
  /// Something that is there for the rest of the step, such as the features of all rows.
  record Holds(MemoryPlan.Item item) implements Phase {}

  /// A part's forward pass.
  ///
  /// @param keeps whether what its backward pass needs stays
  record Forward(PartMemory part, boolean keeps) implements Phase {}

  /// Something at work for a moment, such as a loss.
  record Work(MemoryPlan.Item item) implements Phase {}

  /// The backward pass of a part whose forward pass kept what it needs.
  record Backward(PartMemory part) implements Phase {}

  /// Both passes over a part, rows by rows, whose gradients are summed: a gradient cache.
  record Again(PartMemory part) implements Phase {}
}
