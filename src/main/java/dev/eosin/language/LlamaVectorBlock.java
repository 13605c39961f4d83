package dev.eosin.language;

import dev.eosin.nn.Pass;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.vectors.RowLinear;
import dev.eosin.tensor.vectors.RowMath;
import dev.eosin.tensor.vectors.RowMatrix;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One block's weights as [LlamaVectors] reads them.
///
/// @param linears query [hd,c], key [gd,c], value [gd,c], output [c,hd], gate [f,c], up [f,c], down
///   [c,f]
/// @param attentionNorm [c]
/// @param mlpNorm [c]
/// @param biases of query, key and value; empty where the model has none
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record LlamaVectorBlock(
    List<RowLinear> linears, float[] attentionNorm, float[] mlpNorm, List<float[]> biases) {
  /// Empty where something is of a kind that is not read here: types other than fp32 and bf16, and
  /// adapters with magnitudes.
  static Optional<LlamaVectorBlock> of(Llama model, Pass pass, int layer) {
    List<Tensor> own = model.stack().own(pass, layer).stream().map(Parameter::data).toList();
    List<RowLinear> linears = new ArrayList<>();
    for (int place : Llama.LINEARS) {
      linear(model, pass, model.names(layer).get(place)).ifPresent(linears::add);
    }
    if (linears.size() < Llama.LINEARS.size()) {
      return Optional.empty();
    }
    List<float[]> biases =
        own.subList(Llama.WITHOUT_BIASES, own.size()).stream().map(Tensor::toFloats).toList();
    return Optional.of(
        new LlamaVectorBlock(
            List.copyOf(linears), own.get(0).toFloats(), own.get(5).toFloats(), biases));
  }

  private static Optional<RowLinear> linear(Llama model, Pass pass, String name) {
    Adapters adapters = model.adapters();
    Optional<RowMatrix> weight = matrix(pass, name);
    if (weight.isEmpty() || adapters.kind(name) > 1) {
      return Optional.empty();
    }
    List<String> pair = adapters.names(name);
    if (pair.isEmpty()) {
      return Optional.of(new RowLinear(weight.get(), Optional.empty()));
    }
    Optional<RowMatrix> up = matrix(pass, pair.get(1));
    float scale = (float) adapters.scale(name, false);
    return matrix(pass, pair.get(0))
        .filter(_ -> up.isPresent())
        .map(down -> new RowLinear.LowRank(down, up.orElseThrow(), scale))
        .map(beside -> new RowLinear(weight.get(), Optional.of(beside)));
  }

  static Optional<RowMatrix> matrix(Pass pass, String name) {
    return RowMatrix.of(pass.parameters().get(name).data());
  }

  RowLinear output() {
    return linears.get(3);
  }

  RowLinear down() {
    return linears.get(6);
  }

  /// Rows of query, key and value together.
  int attentionRows() {
    return linears.get(0).rows() + linears.get(1).rows() + linears.get(2).rows();
  }

  void beginAttention(LlamaVectorRows x) {
    linears.subList(0, 3).forEach(linear -> linear.begin(x.normed(), x.count()));
  }

  /// Some rows of query, key and value, as if they were one matrix.
  void attentionInputs(LlamaVectorRows x, int from, int to) {
    List<float[]> results = x.attentionInputs();
    int start = 0;
    for (int i = 0; i < results.size(); i++) {
      RowLinear linear = linears.get(i);
      int begin = Math.max(from, start) - start;
      int end = Math.min(to, start + linear.rows()) - start;
      if (begin < end) {
        linear.times(x.normed(), x.count(), begin, end, results.get(i));
      }
      start += linear.rows();
    }
  }

  void addBiases(LlamaVectorRows x) {
    for (int i = 0; i < biases.size(); i++) {
      float[] bias = biases.get(i);
      float[] result = x.attentionInputs().get(i);
      for (int at = 0; at < result.length; at++) {
        result[at] += bias[at % bias.length];
      }
    }
  }

  void beginMlp(LlamaVectorRows x) {
    linears.subList(4, 6).forEach(linear -> linear.begin(x.normed(), x.count()));
  }

  /// Some rows of the MLP's hidden state: silu(gate) up.
  void gated(LlamaVectorRows x, int from, int to) {
    RowLinear gate = linears.get(4);
    gate.times(x.normed(), x.count(), from, to, x.gate());
    linears.get(5).times(x.normed(), x.count(), from, to, x.up());
    for (int row = 0; row < x.count(); row++) {
      RowMath.gated(x.gate(), x.up(), row * gate.rows() + from, to - from);
    }
  }

  @Override
  public String toString() {
    return "a block of " + linears;
  }
}
