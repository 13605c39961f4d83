package dev.eosin.clip;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.LabelScores;
import dev.eosin.eval.tiles.TunableModel;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.Kernel;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.PixelInputs;
import dev.eosin.train.StoredWeights;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// The image tower of a CLIP model with a linear layer above what it projects, all of it trained by
/// AdamW: what fine-tuning starts from. b tiles, e embedding size, k classes.
public final class ImageClassifier implements TunableModel.Classifier {
  private static final Kernel LOGITS = new Kernel("class_logits");
  private static final Kernel LOSS = new Kernel("summed_cross_entropy");
  private static final String HEAD = "head";
  // torch's defaults, which PLIP's study takes.
  private static final List<Double> BETAS = List.of(0.9, 0.999);
  private static final double EPSILON = 1e-8;

  private final ClipSpec spec;
  private final ImageTower tower;
  private final ParameterSet parameters;
  private final PixelInputs inputs;
  private final AdamW optimiser;

  private ImageClassifier(
      ClipSpec spec, ParameterSet parameters, PixelInputs inputs, AdamW optimiser) {
    this.spec = spec;
    this.tower = Clip.image(spec);
    this.parameters = parameters;
    this.inputs = inputs;
    this.optimiser = optimiser;
  }

  /// What a tower is trained with.
  ///
  /// @param compute fp32 or bf16
  /// @param classes k
  public record Settings(
      DType compute, Normalisation normalisation, int classes, double weightDecay) {}

  /// With the weights that a file has under Eosin's names.
  ///
  /// @param key draws the linear layer, as torch does
  /// @throws DataException when they cannot be read
  public static ImageClassifier of(
      Engine engine, ClipSpec spec, Settings settings, StoredTensors own, RandomKey key, int run)
      throws DataException {
    ImageClassifier classifier = allocate(engine, spec, settings);
    try {
      for (Weight weight : classifier.tower.weights()) {
        var data = own.entry(weight.name());
        try (Tensor values = StoredWeights.mapped(engine, data)) {
          classifier.parameters.assign(weight.name(), values);
        }
        data.unload();
      }
      return classifier.withHead(key, run);
    } catch (DataException | RuntimeException | Error e) {
      classifier.close();
      throw e;
    }
  }

  /// With the first weights of [Clip#initialise] by the key `first`.
  public static ImageClassifier untrained(
      Engine engine, ClipSpec spec, Settings settings, RandomKey first, RandomKey key, int run) {
    ImageClassifier classifier = allocate(engine, spec, settings);
    new Initialiser(first).fill(classifier.parameters, classifier.tower.weights());
    return classifier.withHead(key, run);
  }

  private static ImageClassifier allocate(Engine engine, ClipSpec spec, Settings settings) {
    List<Weight> weights = new ArrayList<>(Clip.image(spec).weights());
    weights.addAll(head(spec, settings.classes()));
    ParameterSet parameters =
        ParameterSet.allocate(
            engine, weights.stream().map(each -> each.spec(true)).toList(), settings.compute());
    var decay = new AdamWSettings(1, BETAS, EPSILON, settings.weightDecay(), Optional.empty());
    return new ImageClassifier(
        spec,
        parameters,
        new PixelInputs(engine, settings.compute(), settings.normalisation()),
        new AdamW(parameters, decay));
  }

  private static List<Weight> head(ClipSpec spec, int classes) {
    var first = new InitialValue.Uniform(Math.pow(spec.embedSize(), -0.5));
    return List.of(
        new Weight(HEAD + ".weight", first, false, classes, spec.embedSize()),
        new Weight(HEAD + ".bias", first, false, classes));
  }

  /// Behind the places of all weights of the model, so that nothing is drawn twice.
  private ImageClassifier withHead(RandomKey key, int run) {
    int classes = (int) parameters.get(HEAD + ".bias").data().size(0);
    List<Weight> head = head(spec, classes);
    new Initialiser(key).fill(parameters, head, Clip.weights(spec).size() + head.size() * run);
    return this;
  }

  /// The tower's weights, then the linear layer's `head.weight` and `head.bias`.
  ParameterSet parameters() {
    return parameters;
  }

  private Value logits(Graph graph, Tensor pixels) {
    Engine engine = parameters.engine();
    var pass = new Pass(graph, parameters, Clip.fastest(engine.device()));
    Value features = tower.projections(pass, pixels);
    return pass.one(LOGITS, List.of(features), pass.named(HEAD + ".weight", HEAD + ".bias"));
  }

  private Tensor pixels(byte[] pixels, int count) {
    return inputs.pixels(pixels, 0, count, spec.image().height(), spec.image().width());
  }

  @Override
  public double update(byte[] pixels, int[] classes, double rate) {
    Engine engine = parameters.engine();
    try (Tape tape = new Tape(engine)) {
      Value images = tape.adopt(pixels(pixels, classes.length));
      Value truth =
          tape.adopt(engine.of(IntStream.of(classes).asLongStream().toArray(), classes.length));
      Value logits = logits(tape, images.data());
      double weight = classes.length;
      Value loss = tape.one(LOSS, List.of(logits, truth), List.of(), 0.0, weight);
      double value = loss.data().toFloat();
      if (Double.isFinite(value)) {
        tape.backward(loss, optimiser);
        optimiser.update(rate);
      }
      return value;
    } finally {
      optimiser.dropGradients();
    }
  }

  @Override
  public double[][] shares(byte[] pixels, int count) {
    try (Forward graph = new Forward(parameters.engine());
        Tensor images = pixels(pixels, count)) {
      float[] flat = logits(graph, images).data().toFloats();
      int classes = flat.length / count;
      double[][] shares = new double[count][];
      Arrays.setAll(
          shares,
          row ->
              LabelScores.softmax(
                  IntStream.range(row * classes, (row + 1) * classes)
                      .mapToDouble(i -> flat[i])
                      .toArray()));
      return shares;
    }
  }

  @Override
  public void close() {
    optimiser.close();
    inputs.close();
    parameters.close();
  }
}
