package dev.eosin.language;

import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;

/// T5: an encoder that reads, a decoder that answers. b rows, n columns of the encoder, m of the
/// decoder, c hidden size, v vocabulary.
///
/// Training: [#embed] what the encoder reads, features of images among it where there are any, then
/// [T5Encoder#through]; `embed` what [#shifted] gives, [T5Decoder#through], [T5Decoder#rows] at the
/// labelled tokens, [T5Decoder#normed], [T5Decoder#loss]. Generation: [T5Decoder#remember].
///
/// T5's states outgrow fp16 (FlanT5's become infinite): it computes in fp32 or bf16. Weights in
/// fp16 are used on a CPU, where everything else is fp32; on a GPU they are refused.
///
/// Source: transformers 5.18 `modeling_t5.py`.
///
/// @param prefix of its parts' prefixes
/// @param spec what it is
public record T5(String prefix, T5Spec spec) {
  public T5Encoder encoder() {
    return new T5Encoder(this);
  }

  public T5Decoder decoder() {
    return new T5Decoder(this);
  }

  /// In the order of the forward pass.
  public List<Part> parts() {
    return List.of(encoder(), decoder());
  }

  /// All of its weights, in the order of the forward pass.
  public List<Weight> weights() {
    return parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  /// The name of the token table [v,c], which is the encoder's and which the decoder uses.
  public String table() {
    return prefix + ".encoder.token-embedding.weight";
  }

  /// Rows of the table [b,n,c], for encoder and decoder alike.
  ///
  /// @param ids int64 [b,n]
  public Value embed(Pass pass, Tensor ids) {
    return decoder().embed(pass, ids);
  }

  /// What the decoder reads while it learns labels: the start token, then each label but the last.
  ///
  /// @param labels [b m], negative where none is asked for
  /// @param filler stands for those
  public long[] shifted(long[] labels, int width, int filler) {
    long[] ids = new long[labels.length];
    for (int i = 0; i < ids.length; i++) {
      ids[i] = i % width == 0 ? spec.start() : labels[i - 1] < 0 ? filler : labels[i - 1];
    }
    return ids;
  }

  /// @throws IllegalArgumentException where states would be fp16
  void requireRange(Pass pass) {
    boolean narrow = pass.parameters().get(table()).data().dtype() == DType.FLOAT16;
    if (narrow && !(pass.engine().device() instanceof Device.Cpu)) {
      throw new IllegalArgumentException(
          "%s: T5's states outgrow fp16 on a GPU; store or convert its weights as bf16 or fp32"
              .formatted(prefix));
    }
  }

  /// The first values of an attention's or MLP's matrices are T5's own.
  static List<Weight> attention(String name, T5Spec spec) {
    long c = spec.width();
    long q = (long) spec.heads() * spec.headWidth();
    double each = Math.pow(c, -0.5);
    return List.of(
        Weight.ones(name + "-norm.weight", c),
        Weight.normal(name + ".query.weight", each * Math.pow(spec.headWidth(), -0.5), q, c),
        Weight.normal(name + ".key.weight", each, q, c),
        Weight.normal(name + ".value.weight", each, q, c),
        Weight.normal(name + ".output.weight", Math.pow(q, -0.5), c, q));
  }

  static List<Weight> mlp(String name, T5Spec spec) {
    long c = spec.width();
    long f = spec.mlpWidth();
    double each = Math.pow(c, -0.5);
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.ones(name + "-norm.weight", c));
    if (spec.gated().gates()) {
      weights.add(Weight.normal(name + ".gate.weight", each, f, c));
    }
    weights.add(Weight.normal(name + ".up.weight", each, f, c));
    weights.add(Weight.normal(name + ".down.weight", Math.pow(f, -0.5), c, f));
    return weights;
  }

  static Weight distances(String name, T5Spec spec) {
    return Weight.normal(name, Math.pow(spec.width(), -0.5), spec.buckets(), spec.heads());
  }
}
