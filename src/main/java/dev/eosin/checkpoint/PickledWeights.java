package dev.eosin.checkpoint;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
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

  /// Deeper than any model nests its modules.
  private static final int DEEPEST_MODULE = 64;

  /// A program may use one module in many places; more than this is an attack on the reader.
  private static final int MOST_MODULES = 100_000;

  private PickledWeights() {}

  /// The tensors of the dictionary that holds the weights, the prefix `module.` taken off where all
  /// names have it.
  static SortedMap<String, Pickled.Tensor> of(Pickled root) throws MalformedFile {
    Pickled.Mapping mapping = mapping(root);
    for (int depth = 0; depth < DEEPEST; depth++) {
      requireNoObjects(mapping);
      List<Map.Entry<String, Pickled>> inner = inner(mapping);
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

  /// The dictionaries that may hold the weights: those under a usual name or, of a dictionary
  /// without tensors of its own, all that have some.
  private static List<Map.Entry<String, Pickled>> inner(Pickled.Mapping mapping) {
    List<Map.Entry<String, Pickled>> usual =
        mapping.values().entrySet().stream()
            .filter(entry -> WRAPPERS.contains(entry.getKey()))
            .filter(entry -> entry.getValue() instanceof Pickled.Mapping)
            .toList();
    return usual.isEmpty() && !hasTensors(mapping)
        ? mapping.values().entrySet().stream()
            .filter(entry -> hasTensors(entry.getValue()))
            .toList()
        : usual;
  }

  private static boolean hasTensors(Pickled value) {
    return value instanceof Pickled.Mapping mapping
        && mapping.values().values().stream().anyMatch(Pickled.Tensor.class::isInstance);
  }

  /// An object in whose place weights may be: one that tensors went into, or that a function of
  /// PyTorch would make a tensor of. Others lie beside the weights and are passed over.
  private static void requireNoObjects(Pickled.Mapping mapping) throws MalformedFile {
    for (Map.Entry<String, Pickled> entry : mapping.values().entrySet()) {
      requireWhole(entry.getKey(), entry.getValue());
      boolean wrapper = WRAPPERS.contains(entry.getKey());
      if (entry.getValue() instanceof Pickled.Foreign object
          && (wrapper || hasTensors(mapping) && mayBeTensor(object))) {
        throw new MalformedFile(
            wrapper
                ? "holds an object of %s under %s, not its weights; save model.state_dict() rather than the model"
                    .formatted(Quote.of(object.name()), entry.getKey())
                : "tensor %s is made by %s, which is not read; save plain dense tensors"
                    .formatted(Quote.of(entry.getKey()), Quote.of(object.name())));
      }
    }
  }

  private static void requireWhole(String name, Pickled value) throws MalformedFile {
    if (value instanceof Pickled.Quantised) {
      throw new MalformedFile(
          "tensor %s is quantised, which is not read of weights; save plain dense tensors"
              .formatted(Quote.of(name)));
    }
  }

  private static boolean mayBeTensor(Pickled.Foreign object) {
    return object.hasTensors() || object.name().startsWith("torch._");
  }

  /// The tensors of a TorchScript program under the names of its `state_dict()`: the path of
  /// modules that leads to each. Its constants and its code are not looked at.
  static SortedMap<String, Pickled.Tensor> ofProgram(Pickled root) throws MalformedFile {
    if (!(root instanceof Pickled.Module module)) {
      throw new MalformedFile("is a TorchScript program without a module");
    }
    record Place(String prefix, int depth, Pickled.Module module) {}
    SortedMap<String, Pickled.Tensor> tensors = new TreeMap<>();
    Deque<Place> open = new ArrayDeque<>(List.of(new Place("", 0, module)));
    for (int visited = 0; !open.isEmpty(); visited++) {
      Place place = open.pop();
      if (place.depth() > DEEPEST_MODULE || visited > MOST_MODULES) {
        throw new MalformedFile("nests its modules without end");
      }
      for (Map.Entry<String, Pickled> entry : place.module().attributes().values().entrySet()) {
        String name = place.prefix() + entry.getKey();
        requireWhole(name, entry.getValue());
        if (entry.getValue() instanceof Pickled.Tensor tensor) {
          tensors.put(name, tensor);
        } else if (entry.getValue() instanceof Pickled.Module inner) {
          open.push(new Place(name + ".", place.depth() + 1, inner));
        }
      }
    }
    if (tensors.isEmpty()) {
      throw new MalformedFile("is a TorchScript program without tensors");
    }
    return withoutPrefix(tensors);
  }

  /// What lies beside the weights in the file: an optimiser, an epoch. Empty for a bare dictionary
  /// of tensors.
  static List<String> beside(Pickled root) {
    return root instanceof Pickled.Mapping mapping
        ? mapping.values().entrySet().stream()
            .filter(entry -> !(entry.getValue() instanceof Pickled.Tensor))
            .map(Map.Entry::getKey)
            .filter(name -> !WRAPPERS.contains(name))
            .toList()
        : List.of();
  }

  private static Pickled.Mapping mapping(Pickled value) throws MalformedFile {
    return switch (value) {
      case Pickled.Mapping mapping -> mapping;
      case Pickled.Foreign object ->
          throw new MalformedFile(
              "holds an object of %s, no dictionary of tensors; save model.state_dict() rather than the model"
                  .formatted(Quote.of(object.name())));
      default ->
          throw new MalformedFile(
              "holds no dictionary of tensors; save model.state_dict() rather than the model");
    };
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
