package dev.eosin.bench;

import dev.eosin.features.ImageFeatures;
import dev.eosin.group.Group;
import dev.eosin.language.Opt;
import dev.eosin.language.TokenMask;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.language.spec.OptSpec;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Part;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.qformer.Alignment;
import dev.eosin.qformer.AlignmentHeads;
import dev.eosin.qformer.AlignmentStep;
import dev.eosin.qformer.DecoderAnswers;
import dev.eosin.qformer.ImageNorm;
import dev.eosin.qformer.ImageReader;
import dev.eosin.qformer.LanguageProjection;
import dev.eosin.qformer.QFormer;
import dev.eosin.qformer.QFormerSpec;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ProcessorTime;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.Projection;
import dev.eosin.tower.TimmImage;
import dev.eosin.train.StepLosses;
import dev.eosin.train.machine.Recomputation;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import java.util.stream.LongStream;

/// Speed and memory of training steps of a Q-Former on random input, with random weights: bert-base
/// with 32 queries behind a frozen ViT-B/32 that is computed in every step. Its norm is frozen,
/// too.
///
/// @param batch rows
/// @param micro rows that go through the Q-Former together
/// @param tokens of a caption, or of a prompt with its answer, which is the last half
/// @param activations what layers keep for their backward
/// @param ownBackward layers with their own backward, or by autograd as their reference
/// @param updates of the weights; those of the first stage are together
/// @param steps timed, after one that is not
/// @param threads of one CPU kernel
/// @param products of layers
public record QFormerBenchmark(
    int batch,
    int micro,
    int tokens,
    Recomputation activations,
    boolean ownBackward,
    Updates updates,
    int steps,
    int threads,
    MatrixProducts products) {
  private static final int WIDTH = 768;
  private static final int SIDE = 224;
  private static final int EMBED_SIZE = 256;
  private static final int BEGIN = 30_522;
  private static final int TOLD = 12;
  private static final int FEW = 10_007;
  private static final RandomKey KEY = new RandomKey(1);

  /// The tower that both stages look through.
  private static ImageFeatures tower() {
    var trunk =
        new TimmImage.Trunk(
            SIDE, SIDE, 32, WIDTH, 12, 12, 3072, false, OptionalDouble.empty(), 0, false);
    var image = new TimmImage("vit", trunk, TimmImage.Pool.CLASS_TOKEN, Projection.NONE, false);
    return new ImageFeatures(ImageTower.of("image", image, 1, Activation.GELU), 12, true);
  }

  private static ImageNorm norm() {
    return new ImageNorm("image-norm", WIDTH, 1e-6);
  }

  private BlockExecution execution() {
    return new BlockExecution(false, ownBackward, activations.every());
  }

  /// A model and its weights.
  private static ParameterSet parameters(Engine engine, List<Part> frozen, List<Part> trained) {
    List<ParameterSet.Spec> specs = new ArrayList<>();
    List<Weight> weights = new ArrayList<>();
    for (Part part : frozen) {
      part.weights().forEach(weight -> specs.add(weight.spec(false)));
      weights.addAll(part.weights());
    }
    for (Part part : trained) {
      part.weights().forEach(weight -> specs.add(weight.spec(true)));
      weights.addAll(part.weights());
    }
    ParameterSet set = ParameterSet.allocate(engine, specs, DType.FLOAT32);
    weights.forEach(weight -> set.fill(weight.name(), values(weight)));
    return set;
  }

  /// A few numbers again and again: drawing 300 million takes longer than what is measured.
  private static DoubleSupplier values(Weight weight) {
    return switch (weight.initial()) {
      case InitialValue.Constant(float value) -> () -> value;
      case InitialValue.Normal(double deviation) -> repeated(deviation);
      case InitialValue.Uniform(double bound) -> repeated(bound);
    };
  }

  private static DoubleSupplier repeated(double deviation) {
    RandomStream random = KEY.stream(RandomKey.Purpose.INITIALISATION, 0, 0);
    double[] values = new double[FEW];
    Arrays.setAll(values, i -> deviation * random.nextGaussian());
    int[] next = new int[1];
    return () -> values[next[0]++ % FEW];
  }

  private static AdamW optimiser(ParameterSet set) {
    return new AdamW(set, new AdamWSettings(1e-5, List.of(0.9, 0.98), 1e-6, 0, Optional.empty()));
  }

  private Tensor pixels(Engine engine) {
    RandomStream random = KEY.stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    float[] values = new float[batch * 3 * SIDE * SIDE];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return engine.of(values, batch, 3, SIDE, SIDE);
  }

  /// The frozen tower's states; the caller closes them.
  private static Tensor states(
      Engine engine, ImageFeatures tower, ParameterSet set, Tensor pixels) {
    try (Forward graph = new Forward(engine)) {
      Pass pass = new Pass(graph, set, new BlockExecution(false, true, 0));
      return graph.take(tower.of(pass, pixels));
    }
  }

  private static int[] ids(int row, int count, int vocabulary) {
    RandomStream random = KEY.stream(RandomKey.Purpose.AUGMENTATION, 1, row);
    int[] ids = new int[count];
    for (int i = 0; i < count; i++) {
      ids[i] = 5 + random.nextInt(vocabulary - 5);
    }
    return ids;
  }

  /// The first stage: ITC, ITM and ITG, backward and AdamW.
  public String align() throws IOException {
    KernelShares shares = new KernelShares();
    Engine engine = Engine.start(Device.CPU, threads, products, shares);
    QFormer qformer =
        new QFormer(
            "qformer", QFormerSpec.bertBase(WIDTH, Optional.of(QFormerSpec.Words.BERT_BASE)));
    AlignmentHeads heads = new AlignmentHeads(qformer, "alignment", EMBED_SIZE);
    Alignment model = new Alignment(norm(), qformer, heads, BEGIN, 0);
    ImageFeatures tower = tower();
    long[] ids = new long[batch * tokens];
    for (int row = 0; row < batch; row++) {
      int[] text = ids(row, tokens, BEGIN);
      for (int i = 0; i < tokens; i++) {
        ids[row * tokens + i] = text[i];
      }
    }
    CaptionRows captions = new CaptionRows(ids, TokenMask.whole(batch, tokens));
    try (ParameterSet set = parameters(engine, List.of(tower, norm()), List.of(qformer, heads));
        Tensor pixels = pixels(engine);
        AdamW optimiser = optimiser(set)) {
      var step = new AlignmentStep(model, set, execution(), KEY, Group.ALONE, micro);
      long[] positions = LongStream.range(0, batch).toArray();
      return measured(
              "qformer-align",
              shares,
              () -> {
                try (Tensor states = states(engine, tower, set, pixels)) {
                  step.differentiate(
                      new AlignmentStep.Batch(states, captions, positions),
                      1,
                      new StepLosses(),
                      optimiser);
                }
                optimiser.update(1e-5);
              })
          .line();
    }
  }

  /// The second stage in BLIP-2's form behind a frozen decoder of OPT's kind, of bert-base's size:
  /// the loss of answers, backward to the Q-Former, and AdamW.
  public String instruct() throws IOException {
    KernelShares shares = new KernelShares();
    Engine engine = Engine.start(Device.CPU, threads, products, shares);
    QFormer qformer = new QFormer("qformer", QFormerSpec.bertBase(WIDTH, Optional.empty()));
    Opt decoder = Opt.of("decoder", new OptSpec(50_272, WIDTH, 12, 12, 3072, 2048));
    ImageReader reader =
        new ImageReader(norm(), qformer, new LanguageProjection("projection", WIDTH, WIDTH));
    DecoderAnswers answers = new DecoderAnswers(decoder, 1);
    ImageFeatures tower = tower();
    List<int[]> prompts = new ArrayList<>();
    List<int[]> asked = new ArrayList<>();
    for (int row = 0; row < batch; row++) {
      prompts.add(ids(row, tokens - tokens / 2, decoder.spec().vocabulary()));
      asked.add(ids(batch + row, tokens / 2, decoder.spec().vocabulary()));
    }
    double weight = (double) batch * (tokens / 2);
    try (ParameterSet set =
            parameters(
                engine, List.of(tower, norm(), decoder), List.of(qformer, reader.projection()));
        Tensor pixels = pixels(engine);
        AdamW optimiser = optimiser(set)) {
      Consumer<GradientSink> gradients =
          sink -> {
            try (Tensor states = states(engine, tower, set, pixels)) {
              for (int from = 0; from < batch; from += micro) {
                int to = Math.min(batch, from + micro);
                try (Tape tape = new Tape(engine);
                    Tensor some = engine.kernels().one("row_range", states, from, to);
                    Tensor seeds = seeds(engine, qformer, from, to)) {
                  Pass pass = new Pass(tape, set, execution());
                  Value image = tape.constant(some);
                  Value read = reader.tokens(pass, image, Optional.empty(), Optional.of(seeds));
                  Value loss =
                      answers.loss(
                          pass, read, prompts.subList(from, to), asked.subList(from, to), weight);
                  tape.backward(loss, sink);
                }
              }
            }
          };
      Runnable step = () -> updates.step(optimiser, gradients);
      return measured("qformer-instruct", shares, step).line();
    }
  }

  private static Tensor seeds(Engine engine, QFormer qformer, int from, int to) {
    int each = qformer.dropoutSeeds();
    long[] seeds = new long[(to - from) * each];
    for (int row = from; row < to; row++) {
      RandomStream stream = KEY.stream(RandomKey.Purpose.QFORMER_DROPOUT, 0, row);
      for (int i = 0; i < each; i++) {
        seeds[(row - from) * each + i] = stream.nextLong();
      }
    }
    return engine.of(seeds, to - from, each);
  }

  private BenchmarkResult measured(String what, KernelShares shares, Runnable step) {
    step.run();
    shares.begin();
    ProcessorTime clock = ProcessorTime.find();
    long used = clock.nanos().orElse(0);
    double[] rates = new double[steps];
    for (int i = 0; i < steps; i++) {
      long started = System.nanoTime();
      step.run();
      rates[i] = batch / ((System.nanoTime() - started) / 1e9);
    }
    double processor = (clock.nanos().orElse(0) - used) / 1e9 / steps;
    return new BenchmarkResult(what)
        .rates("rows_per_s", rates)
        .with("cpu_s_per_step", processor)
        .shares("kernels_percent", shares.end(TOLD))
        .settings(
            Map.of(
                "batch", batch,
                "micro", micro,
                "tokens", tokens,
                "activations", activations.toString(),
                "own_backward", ownBackward,
                "updates", updates.toString(),
                "threads", threads,
                "products", products.toString()));
  }
}
