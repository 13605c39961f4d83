package dev.eosin.language;

import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// The blocks of an [Opt] on one pass's rows.
///
/// @param model whose blocks they are
/// @param stack their names and adapters
/// @param pass where they are recorded
/// @param columns where tokens stand
/// @param mask what tokens do not see; nothing where they see all before them
record OptBlocks(Opt model, AdaptedBlocks stack, Pass pass, Columns columns, Optional<Value> mask) {
  private static final Kernel BLOCK = new Kernel("opt_block");
  private static final Kernel BLOCK_LEAN = new Kernel("opt_lean", 1, Kernel.Gradient.OWN);

  static OptBlocks open(Opt model, Pass pass, Columns columns) {
    Optional<Value> mask = columns.mask(pass.engine(), 0).map(pass.graph()::adopt);
    return new OptBlocks(model, model.stack(), pass, columns, mask);
  }

  /// One block's states [b,n,c]; `x` is not released.
  Value apply(Value x, int layer) {
    List<Parameter> own = stack.own(pass, layer);
    boolean trained = own.stream().allMatch(Parameter::trainable);
    boolean uniform = trained || own.stream().noneMatch(Parameter::trainable);
    BlockExecution execution = pass.execution();
    Kernel kernel = execution.ownBackward() && uniform && model.wide(pass) ? BLOCK_LEAN : BLOCK;
    boolean again =
        execution.recomputes(layer)
            || kernel.gradient() == Kernel.Gradient.AUTOGRAD
                && stack.recomputesForInt8(pass, layer);
    List<Value> inputs = new ArrayList<>();
    inputs.add(x);
    mask.ifPresent(inputs::add);
    Optional<Value> dropped = stack.dropped(pass, columns, layer);
    dropped.ifPresent(
        bits -> {
          if (mask.isEmpty()) {
            inputs.add(pass.graph().adopt(pass.engine().of(new float[0], 0)));
          }
          inputs.add(bits);
        });
    Value y =
        pass.one(
            again ? kernel.recomputing() : kernel,
            inputs,
            stack.parameters(pass, layer),
            model.spec().heads(),
            stack.kinds(pass, layer),
            stack.scales(layer, stack.dropping(pass)),
            trained,
            Opt.NORM_EPSILON,
            columns.segments(mask.isPresent()));
    dropped.ifPresent(pass::release);
    return y;
  }

  void release() {
    mask.ifPresent(pass::release);
  }
}
