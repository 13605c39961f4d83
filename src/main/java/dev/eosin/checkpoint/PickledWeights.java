package dev.eosin.checkpoint;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/// Finds the weights among what a training script saved.
final class PickledWeights {
  /// Under which names training scripts keep the weights: open_clip and Lightning, many others, and
  /// DeepSpeed.
  private static final List<String> WRAPPERS =
      List.of("state_dict", "model", "model_state_dict", "module");

  /// What wraps every name of a model trained with DistributedDataParallel.
  private static final String PREFIX = "module.";

  /// Deeper than any script nests.
  private static final int DEEPEST = 4;

  private PickledWeights() {}

  /// The tensors of the dictionary that holds the weights, the prefix `module.` taken off where all
  /// names have it.
  static SortedMap<String, Pickled.Tensor> of(Pickled root) throws MalformedFile {
    Pickled.Mapping mapping = mapping(root);
    for (int depth = 0; depth < DEEPEST; depth++) {
      List<Map.Entry<String, Pickled>> inner =
          mapping.values().entrySet().stream()
              .filter(entry -> WRAPPERS.contains(entry.getKey()))
              .filter(entry -> entry.getValue() instanceof Pickled.Mapping)
              .toList();
      if (inner.isEmpty()) {
        return withoutPrefix(tensors(mapping));
      }
      if (inner.size() > 1) {
        throw new MalformedFile(
            "has weights under %s and under %s; save the wanted ones alone"
                .formatted(inner.get(0).getKey(), inner.get(1).getKey()));
      }
      mapping = mapping(inner.getFirst().getValue());
    }
    throw new MalformedFile("nests the weights in more than " + DEEPEST + " dictionaries");
  }

  private static Pickled.Mapping mapping(Pickled value) throws MalformedFile {
    if (value instanceof Pickled.Mapping mapping) {
      return mapping;
    }
    throw new MalformedFile(
        "holds no dictionary of tensors; save model.state_dict() rather than the model");
  }

  private static SortedMap<String, Pickled.Tensor> tensors(Pickled.Mapping mapping)
      throws MalformedFile {
    SortedMap<String, Pickled.Tensor> tensors = new TreeMap<>();
    mapping
        .values()
        .forEach(
            (name, value) -> {
              if (value instanceof Pickled.Tensor tensor) {
                tensors.put(name, tensor);
              }
            });
    if (tensors.isEmpty()) {
      throw new MalformedFile(
          "has no tensors at its top level or under " + String.join(", ", WRAPPERS));
    }
    return tensors;
  }

  private static SortedMap<String, Pickled.Tensor> withoutPrefix(
      SortedMap<String, Pickled.Tensor> tensors) {
    if (!tensors.keySet().stream().allMatch(name -> name.startsWith(PREFIX))) {
      return tensors;
    }
    SortedMap<String, Pickled.Tensor> stripped = new TreeMap<>();
    tensors.forEach((name, tensor) -> stripped.put(name.substring(PREFIX.length()), tensor));
    return Collections.unmodifiableSortedMap(stripped);
  }
}
