package dev.eosin.train;

/// The parts of a training step, in their order.
public enum StepPhase {
  /// Waiting for the batch.
  DATA,
  /// Inputs to the device, both towers, the loss.
  FORWARD,
  /// Gradients; where rows go through the towers in parts, also computing them again.
  BACKWARD,
  /// The gradients' norm, the update of the weights, and what belongs to it.
  OPTIMISER
}
