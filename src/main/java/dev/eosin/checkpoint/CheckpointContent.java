package dev.eosin.checkpoint;

import dev.eosin.file.FileContent;
import java.util.Map;

/// What goes into one native checkpoint.
///
/// @param state for `state.json`
/// @param model for `model.safetensors`: every parameter by Eosin's name, fp32 masters
/// @param optimizer for `optimizer.safetensors`, named by [Checkpoint#firstMoment(String)] and
///   [Checkpoint#secondMoment(String)]
/// @param others further files by plain name
public record CheckpointContent(
    CheckpointState state,
    FileContent model,
    FileContent optimizer,
    Map<String, FileContent> others) {
  public CheckpointContent {
    others = Map.copyOf(others);
  }

  public CheckpointContent(CheckpointState state, FileContent model, FileContent optimizer) {
    this(state, model, optimizer, Map.of());
  }
}
