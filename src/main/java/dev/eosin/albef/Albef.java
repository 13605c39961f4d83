package dev.eosin.albef;

import dev.eosin.language.rows.CaptionRows;
import dev.eosin.nn.Activation;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.Vit;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/// PA-LLaVA's own PLIP, in the manner of ALBEF (Li et al. 2021, arXiv 2107.07651): images and texts
/// are drawn together (ITA), and judged by texts that look at images (ITM). A second encoder
/// follows the trained one slowly; what it makes of pairs softens the targets and fills the queue.
///
/// @param trained encoder
/// @param judgement behind it
/// @param momentum encoder, whose weights are averages and have no gradients
/// @param judge id that texts begin with where they are judged, ALBEF's `[ENC]`
public record Albef(PairEncoder trained, Judgement judgement, PairEncoder momentum, int judge) {
  /// What the names of the momentum encoder's weights begin with.
  public static final String MOMENTUM = "momentum.";

  /// Between which the temperature is kept.
  private static final double COLDEST = 0.001;

  private static final double WARMEST = 0.5;
  private static final Kernel STACKED = new Kernel("alignment_stacked");
  private static final Kernel MATCHED = new Kernel("summed_cross_entropy");

  /// @param vit the image tower, CLIP's own
  /// @param embedSize d
  /// @param temperature that training begins with
  public static Albef of(
      Vit vit, Activation activation, TextSpec text, int embedSize, double temperature, int judge) {
    return new Albef(
        PairEncoder.of("", vit, activation, text, embedSize),
        new Judgement("judgement", text.width(), temperature),
        PairEncoder.of(MOMENTUM, vit, activation, text, embedSize),
        judge);
  }

  /// What is trained, in the order of the forward pass.
  public List<Part> parts() {
    return Stream.concat(trained.parts().stream(), Stream.of(judgement)).toList();
  }

  /// Of what is trained.
  public List<Weight> trainedWeights() {
    return parts().stream().flatMap(part -> part.weights().stream()).toList();
  }

  /// All, the momentum encoder's last.
  public List<Weight> weights() {
    return Stream.concat(trainedWeights().stream(), momentum.weights().stream()).toList();
  }

  /// What is allocated: the momentum encoder's weights have no gradients, and checkpoints hold
  /// them.
  public List<ParameterSet.Spec> specs() {
    return Stream.concat(
            trainedWeights().stream().map(weight -> weight.spec(true)),
            momentum.weights().stream().map(Weight::lockedSpec))
        .toList();
  }

  /// Moves the momentum encoder towards the trained one: m = keep m + (1 - keep) w.
  ///
  /// @param keep 0 for a copy
  public void follow(ParameterSet parameters, double keep) {
    List<Parameter> goals = parameters.named(names(trained));
    List<Parameter> followers = parameters.named(names(momentum));
    var kernels = parameters.engine().kernels();
    List<Tensor> masters = followers.stream().map(Parameter::master).toList();
    List<Tensor> weights = goals.stream().map(Parameter::master).toList();
    kernels.run("lerp_all", masters, weights, 1 - keep);
    List<Parameter> shadowed = followers.stream().filter(Parameter::shadowed).toList();
    if (!shadowed.isEmpty()) {
      kernels.run(
          "assign_all",
          shadowed.stream().map(Parameter::data).toList(),
          shadowed.stream().map(Parameter::master).toList());
    }
  }

  private static String[] names(PairEncoder encoder) {
    return encoder.weights().stream().map(Weight::name).toArray(String[]::new);
  }

  /// Keeps the temperature within [0.001, 0.5].
  public void limitTemperature(ParameterSet parameters) {
    Tensor temperature = parameters.get(judgement.temperature()).master();
    parameters.engine().kernels().run("clamp", temperature, COLDEST, WARMEST);
  }

  /// The loss of judgements, a part of the mean over three for each pair of the batch. []
  ///
  /// @param image what texts see of their own images, and of their negative ones
  /// @param texts own ones, and the negative ones of own images
  /// @param batch B
  Value match(
      Pass pass,
      List<Value> image,
      List<Value> otherImage,
      CaptionRows texts,
      CaptionRows otherTexts,
      int batch) {
    Value logits = judged(pass, image, otherImage, texts, otherTexts);
    long[] labels = new long[3 * texts.rows()];
    Arrays.fill(labels, 0, texts.rows(), 1);
    Value targets = pass.graph().adopt(pass.engine().of(labels, labels.length));
    return pass.one(MATCHED, List.of(logits, targets), List.of(), 0.0, 3.0 * batch);
  }

  /// Logits of no and yes [3b,2]: of own pairs, of negative images with texts, of images with
  /// negative texts.
  Value judged(
      Pass pass,
      List<Value> image,
      List<Value> otherImage,
      CaptionRows texts,
      CaptionRows otherTexts) {
    Value own = judged(pass, image, texts);
    Value other = judged(pass, otherImage, texts);
    Value text = judged(pass, image, otherTexts);
    return pass.one(STACKED, List.of(own, other, text), List.of());
  }

  /// Logits of no and yes of pairs [b,2].
  Value judged(Pass pass, List<Value> image, CaptionRows texts) {
    Value states = trained.texts().looking(pass, texts.begunWith(judge), image);
    Value logits = judgement.judged(pass, states);
    pass.release(states);
    return logits;
  }
}
