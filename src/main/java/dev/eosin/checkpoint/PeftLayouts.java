package dev.eosin.checkpoint;

import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// The names of low-rank adapters in peft's `adapter_model.safetensors`. Where a weight of Eosin is
/// several linears there, each of them has the same A and its own rows of B.
///
/// Source: `utils/save_and_load.py` of peft 0.21.0.
final class PeftLayouts {
  private static final String MODEL = "base_model.model.";
  private static final String WEIGHT = ".weight";

  private PeftLayouts() {}

  static Layout of(Layout model, List<AdapterPair> pairs) {
    NameTable table = new NameTable();
    for (AdapterPair pair : pairs) {
      List<String> linears = modules(model, pair).map(MODEL::concat).toList();
      table.repeat(pair.down(), linears.stream().map(name -> name + ".lora_A.weight").toList());
      table.stack(
          pair.up(), linears.stream().map(name -> name + ".lora_B.weight").toArray(String[]::new));
    }
    return new Layout("peft LoRA for " + model.name(), table.rules(), Set.of(), Set.of());
  }

  /// The linears that a weight is, as the foreign model calls them.
  static Stream<String> modules(Layout model, AdapterPair pair) {
    TensorRule rule =
        model.rules().stream()
            .filter(one -> one.name().equals(pair.weight()))
            .findFirst()
            .orElseThrow(
                () -> new IllegalArgumentException(model.name() + " has no " + pair.weight()));
    return rule.foreignNames().stream()
        .map(name -> name.substring(0, name.length() - WEIGHT.length()));
  }
}
