package dev.eosin.albef;

import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// A BERT whose layers may look at an image between attention and MLP, with the same MLPs whether
/// they do or not. b rows, t ids, m tokens of an image, c hidden size, e the image's.
///
/// Source: BLIP's `med.py`, transformers 5.18 `modeling_blip_text.py` (no token types;
/// cross-attention in every layer).
///
/// @param prefix of its weights' names
/// @param spec its sizes
public record TextEncoder(String prefix, TextSpec spec) implements Part {
  private static final double DEVIATION = 0.02;
  private static final Kernel WORDS = new Kernel("qformer_words");
  private static final Kernel ENTERING = new Kernel("qformer_entering");
  private static final Kernel IMAGE = new Kernel("qformer_image");
  private static final Kernel IMAGE_LEAN = new Kernel("qformer_image_lean", 1, Kernel.Gradient.OWN);
  private static final Kernel LAYER = new Kernel("qformer_layer");
  private static final Kernel LAYER_LEAN = new Kernel("qformer_lean", 1, Kernel.Gradient.OWN);

  private static final List<String> BEFORE =
      List.of("attention.query-key-value", "attention.output", "attention-norm");
  private static final List<String> LOOK =
      List.of("cross-attention.query", "cross-attention.output", "cross-attention-norm");
  private static final List<String> BEHIND = List.of("mlp.up", "mlp.down", "mlp-norm");
  private static final String KEYS = "cross-attention.key-value";

  @Override
  public String title() {
    return "text encoder";
  }

  String table() {
    return prefix + ".token-embedding";
  }

  String positions() {
    return prefix + ".position-embedding";
  }

  String norm() {
    return prefix + ".embedding-norm";
  }

  String block(int layer) {
    return "%s.blocks.%d".formatted(prefix, layer);
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>();
    weights.add(Weight.normal(table(), DEVIATION, spec.vocabulary(), spec.width()));
    weights.add(Weight.normal(positions(), DEVIATION, spec.positions(), spec.width()));
    weights.add(Weight.ones(norm() + ".weight", spec.width()));
    weights.add(Weight.zeros(norm() + ".bias", spec.width()));
    IntStream.range(0, spec.layers()).forEach(layer -> weights.addAll(weights(layer)));
    return weights;
  }

  /// Of one layer.
  List<Weight> weights(int layer) {
    List<String> modules = new ArrayList<>(BEFORE);
    modules.add(KEYS);
    modules.addAll(LOOK);
    modules.addAll(BEHIND);
    return modules.stream().flatMap(module -> module(layer, module).stream()).toList();
  }

  private List<Weight> module(int layer, String module) {
    String name = block(layer) + "." + module;
    long c = spec.width();
    return switch (module) {
      case "attention.query-key-value" -> linear(name, 3 * c, c);
      case KEYS -> linear(name, 2 * c, spec.imageWidth());
      case "mlp.up" -> linear(name, spec.mlpWidth(), c);
      case "mlp.down" -> linear(name, c, spec.mlpWidth());
      default ->
          module.endsWith("norm")
              ? List.of(Weight.ones(name + ".weight", c), Weight.zeros(name + ".bias", c))
              : linear(name, c, c);
    };
  }

  private static List<Weight> linear(String name, long rows, long columns) {
    return List.of(
        Weight.normal(name + ".weight", DEVIATION, rows, columns),
        Weight.zeros(name + ".bias", rows));
  }

  @Override
  public Optional<Transformer> blocks() {
    return Optional.empty();
  }

  @Override
  public List<List<String>> lockGroups() {
    List<List<String>> groups = new ArrayList<>();
    groups.add(List.of(table(), positions(), norm() + ".weight", norm() + ".bias"));
    for (int layer = 0; layer < spec.layers(); layer++) {
      groups.add(weights(layer).stream().map(Weight::name).toList());
    }
    return groups;
  }

  /// What every layer sees of images: keys and values [b,m,2c].
  ///
  /// @param states [b,m,e]; not released
  public List<Value> image(Pass pass, Value states) {
    return IntStream.range(0, spec.layers()).mapToObj(i -> image(pass, states, i)).toList();
  }

  private Value image(Pass pass, Value states, int layer) {
    List<Parameter> weights = pass.named(names(layer, List.of(KEYS)));
    List<Value> inputs = List.of(states);
    return pass.ownsBackward(inputs, weights)
        ? pass.one(IMAGE_LEAN, inputs, weights, pass.graph().differentiates(inputs, List.of()))
        : pass.one(IMAGE, inputs, weights);
  }

  /// States of texts alone. [b,t,c]
  public Value alone(Pass pass, CaptionRows texts) {
    return states(pass, texts, List.of());
  }

  /// States of texts that look at images. [b,t,c]
  ///
  /// @param image as [#image] gives it; not released
  public Value looking(Pass pass, CaptionRows texts, List<Value> image) {
    return states(pass, texts, image);
  }

  private Value states(Pass pass, CaptionRows texts, List<Value> image) {
    Value none = pass.graph().adopt(pass.engine().zeros(DType.INT64, 0));
    Value seen = pass.graph().adopt(seen(pass, texts));
    Value x = entered(pass, texts);
    int tokens = Math.toIntExact(x.data().size(1));
    for (int layer = 0; layer < spec.layers(); layer++) {
      boolean looks = !image.isEmpty();
      List<Value> inputs = List.of(x, seen, none, looks ? image.get(layer) : none, none);
      List<String> modules = new ArrayList<>(BEFORE);
      if (looks) {
        modules.addAll(LOOK);
      }
      modules.addAll(BEHIND);
      List<Parameter> weights = pass.named(names(layer, modules));
      Kernel kernel = pass.ownsBackward(inputs, weights) ? LAYER_LEAN : LAYER;
      Value next =
          pass.one(
              pass.execution().recomputes(layer) ? kernel.recomputing() : kernel,
              inputs,
              weights,
              spec.heads(),
              tokens, // in the words of the kernel, those that may look are queries
              looks,
              0,
              0.0,
              0.0,
              spec.normEpsilon());
      pass.release(x);
      x = next;
    }
    pass.release(seen);
    pass.release(none);
    return x;
  }

  private static Tensor seen(Pass pass, CaptionRows texts) {
    try (Tensor present =
        pass.engine().of(texts.mask().present(), texts.rows(), texts.mask().width())) {
      return pass.engine().kernels().one("qformer_seen", present, 0, false);
    }
  }

  private Value entered(Pass pass, CaptionRows texts) {
    if (texts.mask().width() > spec.positions()) {
      throw new IllegalArgumentException(
          "%s: texts of %d ids, but there are %d positions; cut them"
              .formatted(prefix, texts.mask().width(), spec.positions()));
    }
    Value ids = pass.graph().constant(texts.tensor(pass));
    Value words = pass.one(WORDS, List.of(ids), pass.named(table(), positions()));
    Value entered =
        pass.one(
            ENTERING,
            List.of(words),
            pass.named(norm() + ".weight", norm() + ".bias"),
            0.0,
            spec.normEpsilon());
    pass.release(words);
    return entered;
  }

  private String[] names(int layer, List<String> modules) {
    return modules.stream()
        .map(module -> block(layer) + "." + module)
        .flatMap(name -> List.of(name + ".weight", name + ".bias").stream())
        .toArray(String[]::new);
  }
}
