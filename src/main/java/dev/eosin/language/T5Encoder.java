package dev.eosin.language;

import dev.eosin.language.spec.T5Spec;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The encoder of a [T5], with the token table. b rows, n columns, c hidden size.
///
/// @param model that it belongs to
public record T5Encoder(T5 model) implements Part {
  @Override
  public String prefix() {
    return model.prefix() + ".encoder";
  }

  @Override
  public String title() {
    return "text encoder";
  }

  /// The biases of distances [buckets,heads], which all blocks share.
  public String distances() {
    return prefix() + ".distances.weight";
  }

  public String norm() {
    return prefix() + ".norm.weight";
  }

  List<Weight> blockWeights(int layer) {
    String block = "%s.blocks.%d.".formatted(prefix(), layer);
    List<Weight> weights = new ArrayList<>(T5.attention(block + "attention", model.spec()));
    weights.addAll(T5.mlp(block + "mlp", model.spec()));
    return weights;
  }

  public List<String> names(int layer) {
    return blockWeights(layer).stream().map(Weight::name).toList();
  }

  @Override
  public List<Weight> weights() {
    T5Spec spec = model.spec();
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.normal(model.table(), 1, spec.vocabulary(), spec.width()));
    weights.add(T5.distances(distances(), spec));
    IntStream.range(0, spec.encoderLayers()).forEach(l -> weights.addAll(blockWeights(l)));
    weights.add(Weight.ones(norm(), spec.width()));
    return weights;
  }

  /// What the decoder looks at: the last block's states through the last norm. [b,n,c]
  ///
  /// @param tokens [b,n,c], as [T5#embed] gives them or from elsewhere; released
  /// @param mask which of them are there; tokens may be missing on either side
  /// @throws IllegalArgumentException where states would be fp16
  public Value through(Pass pass, Value tokens, TokenMask mask) {
    model.requireRange(pass);
    T5Spec spec = model.spec();
    var blocks = T5Blocks.reading(this, pass, mask);
    Value x = tokens;
    for (int layer = 0; layer < spec.encoderLayers(); layer++) {
      Value next = blocks.apply(x, names(layer), layer);
      pass.release(x);
      x = next;
    }
    blocks.release();
    Value normed = blocks.normed(x, norm(), 1);
    pass.release(x);
    return normed;
  }

  @Override
  public Optional<Transformer> blocks() {
    return Optional.empty();
  }

  @Override
  public List<List<String>> lockGroups() {
    List<List<String>> groups = new ArrayList<>();
    groups.add(List.of(model.table(), distances()));
    IntStream.range(0, model.spec().encoderLayers()).forEach(layer -> groups.add(names(layer)));
    groups.add(List.of(norm()));
    return groups;
  }
}
