package dev.eosin.language.graphs;

import dev.eosin.config.DataException;
import dev.eosin.language.spec.T5Spec;
import dev.eosin.onnx.Activations;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Linears;
import dev.eosin.onnx.Norms;
import java.util.List;
import java.util.Optional;

/// The parts of a [dev.eosin.language.T5]'s blocks as graphs: what the kernel `t5_block` computes.
/// b rows, n tokens, c hidden size, h heads, d size of a head.
record T5BlockGraph(GraphPass pass, T5Spec spec) {
  /// Heads [b,h,n,d] of a product of x.
  GraphValue heads(GraphValue x, String matrix) throws DataException {
    return Attention.heads(pass, Linears.linear(pass, x, matrix), spec.heads(), spec.headWidth());
  }

  GraphValue norm(GraphValue x, String name) throws DataException {
    return Norms.rmsNorm(pass, x, name, spec.normEpsilon());
  }

  /// x and what attention adds, fp32.
  ///
  /// @param added to the scores
  /// @param output name of the last matrix
  GraphValue attended(
      GraphValue x, GraphValue q, GraphValue k, GraphValue v, GraphValue added, String output)
      throws DataException {
    GraphValue attended = Attention.attended(pass, q, k, v, 1, Optional.of(added));
    GraphValue tokens = Attention.tokens(pass, attended, (long) spec.heads() * spec.headWidth());
    return pass.residual(x, Linears.linear(pass, tokens, output));
  }

  /// x and what the MLP adds, fp32.
  ///
  /// @param names norm, where it is gated gate, up, down
  GraphValue mlp(GraphValue x, List<String> names) throws DataException {
    GraphValue normed = pass.narrow(norm(x, names.getFirst()));
    GraphValue first = Linears.linear(pass, normed, names.get(1));
    GraphValue inner =
        switch (spec.gated()) {
          case NONE -> Activations.relu(pass, first);
          case TANH -> gated(Activations.tanhGelu(pass, first), normed, names.get(2));
          case EXACT -> gated(Activations.gelu(pass, first), normed, names.get(2));
        };
    return pass.residual(x, down(inner, names.getLast()));
  }

  private GraphValue gated(GraphValue gate, GraphValue x, String up) throws DataException {
    return pass.op("Mul", List.of(pass.wide(gate), pass.wide(Linears.linear(pass, x, up))));
  }

  /// What FlanT5's MLPs give outgrows fp16.
  private GraphValue down(GraphValue inner, String name) throws DataException {
    return pass.graph().precision() == GraphPrecision.FP16
        ? Linears.wide(pass, inner, name)
        : Linears.linear(pass, inner, name);
  }
}
