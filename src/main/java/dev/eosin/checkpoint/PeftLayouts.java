package dev.eosin.checkpoint;

import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// The names of low-rank adapters in peft's `adapter_model.safetensors`. Where a weight of Eosin is
/// several linears there, each of them has the same A and its own rows of B.
///
/// Source: `utils/save_and_load.py` of peft 0.21.0.
final class PeftLayouts {
  private static final String MODEL = "base_model.model.";
  private static final String WEIGHT = ".weight";
  private static final String ROWS = ".token_adapter.trainable_tokens_delta";

  private PeftLayouts() {}

  /// @param whole weights that are trained without adapters and lie beside them
  static Layout of(Layout model, List<AdapterPair> pairs, List<String> whole) {
    return of(model, pairs, whole, UnaryOperator.identity(), List.of());
  }

  /// @param rows the name of a table's trained rows
  /// @param tables of which some rows are trained
  static Layout of(
      Layout model,
      List<AdapterPair> pairs,
      List<String> whole,
      UnaryOperator<String> rows,
      List<String> tables) {
    NameTable table = new NameTable();
    for (AdapterPair pair : pairs) {
      List<String> linears = modules(model, pair).map(MODEL::concat).toList();
      table.repeat(pair.down(), linears.stream().map(name -> name + ".lora_A.weight").toList());
      table.stack(
          pair.up(), linears.stream().map(name -> name + ".lora_B.weight").toArray(String[]::new));
      pair.magnitude()
          .ifPresent(
              lengths ->
                  table.stack(
                      lengths,
                      linears.stream()
                          .map(name -> name + ".lora_magnitude_vector")
                          .toArray(String[]::new)));
    }
    for (String weight : whole) {
      List<String> foreign = rule(model, weight).foreignNames();
      table.stack(weight, foreign.stream().map(MODEL::concat).toArray(String[]::new));
    }
    for (String name : tables) {
      String foreign = rule(model, name).foreignNames().getFirst();
      String module = foreign.substring(0, foreign.length() - WEIGHT.length());
      table.copy(rows.apply(name), MODEL + module + ROWS);
    }
    return new Layout("peft LoRA for " + model.name(), table.rules(), Set.of(), Set.of());
  }

  /// The linears that a weight is, as the foreign model calls them.
  static Stream<String> modules(Layout model, AdapterPair pair) {
    return rule(model, pair.weight()).foreignNames().stream()
        .map(name -> name.substring(0, name.length() - WEIGHT.length()));
  }

  private static TensorRule rule(Layout model, String weight) {
    return model.rules().stream()
        .filter(one -> one.name().equals(weight))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException(model.name() + " has no " + weight));
  }
}
