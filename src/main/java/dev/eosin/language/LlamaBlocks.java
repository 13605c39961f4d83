package dev.eosin.language;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The blocks of a [Llama] on one pass's rows: what all of them are told of the tokens, once.
///
/// @param model whose blocks they are
/// @param pass where they are recorded
/// @param beside what follows the tokens in the kernels' inputs: cosines, sines, a mask or nothing
/// @param dropping whether what enters adapters is dropped out
record LlamaBlocks(Llama model, Pass pass, List<Value> beside, boolean dropping) {
  private static final Kernel BLOCK = new Kernel("llama_block");
  private static final Kernel BLOCK_LEAN = new Kernel("llama_lean", 1, Kernel.Gradient.OWN);

  static LlamaBlocks open(Llama model, Pass pass, Columns columns) {
    List<Value> beside = new ArrayList<>();
    int width = columns.width();
    int rows = columns.starts().length;
    for (Tensor turn : model.turns(pass, columns.positions(0, width), rows)) {
      beside.add(pass.graph().adopt(turn));
    }
    mask(model, pass, columns).ifPresent(mask -> beside.add(pass.graph().adopt(mask)));
    boolean dropping = model.adapters().dropout() > 0 && pass.execution().dropout().isPresent();
    return new LlamaBlocks(model, pass, beside, dropping);
  }

  /// Additive [k,1,n,n]; nothing where every token sees all before it.
  private static Optional<Tensor> mask(Llama model, Pass pass, Columns columns) {
    int window = model.spec().window().orElse(0);
    if (!columns.padded() && (window == 0 || window >= columns.width())) {
      return Optional.empty();
    }
    try (Tensor starts = pass.engine().of(columns.starts(), columns.starts().length);
        Tensor seen =
            pass.engine().kernels().one("seen_columns", starts, 0, columns.width(), 0, window)) {
      return Optional.of(pass.engine().kernels().one("additive_mask", seen));
    }
  }

  /// One block's states [b,n,c]; `x` is not released.
  Value apply(Value x, int layer) {
    List<Parameter> p = model.parameters(pass, layer);
    List<Parameter> own = p.subList(0, model.names(layer).size());
    boolean trained = own.stream().allMatch(Parameter::trainable);
    boolean uniform = trained || own.stream().noneMatch(Parameter::trainable);
    BlockExecution execution = pass.execution();
    Kernel kernel = execution.ownBackward() && uniform && model.wide(pass) ? BLOCK_LEAN : BLOCK;
    List<Value> inputs = new ArrayList<>();
    inputs.add(x);
    inputs.addAll(beside);
    Optional<Value> dropped = dropped(x, layer);
    dropped.ifPresent(
        bits -> {
          if (inputs.size() == 3) {
            inputs.add(pass.graph().adopt(pass.engine().of(new float[0], 0)));
          }
          inputs.add(bits);
        });
    Value y =
        pass.one(
            execution.recomputes(layer) ? kernel.recomputing() : kernel,
            inputs,
            p,
            model.spec().heads(),
            model.spec().groups(),
            model.spec().biased(),
            model.kinds(layer),
            model.scales(layer, dropping),
            trained,
            model.spec().normEpsilon());
    dropped.ifPresent(pass::release);
    return y;
  }

  private Optional<Value> dropped(Value x, int layer) {
    if (!dropping) {
      return Optional.empty();
    }
    int inputs = 0;
    for (Parameter parameter : model.parameters(pass, layer)) {
      if (parameter.name().endsWith(".lora-a")) {
        inputs += Math.toIntExact(parameter.data().size(1));
      }
    }
    if (inputs == 0) {
      return Optional.empty();
    }
    int tokens = Math.toIntExact(x.data().size(1));
    Tensor bits =
        pass.execution()
            .dropout()
            .orElseThrow()
            .bits(pass.engine(), model.prefix(), layer, tokens, inputs, model.adapters().dropout());
    return Optional.of(pass.graph().adopt(bits));
  }

  void release() {
    beside.forEach(pass::release);
  }
}
