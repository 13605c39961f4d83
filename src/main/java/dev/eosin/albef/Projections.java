package dev.eosin.albef;

import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Transformer;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Value;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// What makes unit vectors of first tokens. d embedding size.
///
/// @param prefix of its weights' names
/// @param embedSize d
/// @param imageWidth hidden size of images' tokens
/// @param textWidth hidden size of texts' tokens
public record Projections(String prefix, int embedSize, int imageWidth, int textWidth)
    implements Part {
  private static final Kernel FEATURES = new Kernel("alignment_features");

  @Override
  public String title() {
    return "projections";
  }

  String image() {
    return prefix + ".image";
  }

  String text() {
    return prefix + ".text";
  }

  @Override
  public List<Weight> weights() {
    List<Weight> weights = new ArrayList<>(linear(image(), embedSize, imageWidth));
    weights.addAll(linear(text(), embedSize, textWidth));
    return weights;
  }

  /// As torch begins its linears.
  static List<Weight> linear(String name, long rows, long columns) {
    var first = new InitialValue.Uniform(Math.pow(columns, -0.5));
    return List.of(
        new Weight(name + ".weight", first, false, rows, columns),
        new Weight(name + ".bias", first, false, rows));
  }

  @Override
  public Optional<Transformer> blocks() {
    return Optional.empty();
  }

  @Override
  public List<List<String>> lockGroups() {
    return List.of(weights().stream().map(Weight::name).toList());
  }

  /// Unit vectors of images, fp32 [b,d].
  ///
  /// @param states [b,m,e]; not released
  Value images(Pass pass, Value states) {
    return features(pass, states, image());
  }

  /// Unit vectors of texts, fp32 [b,d].
  ///
  /// @param states [b,t,c]; not released
  Value texts(Pass pass, Value states) {
    return features(pass, states, text());
  }

  private static Value features(Pass pass, Value states, String name) {
    return pass.one(FEATURES, List.of(states), pass.named(name + ".weight", name + ".bias"), true);
  }
}
