package dev.eosin.bench;

import dev.eosin.config.DataException;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Columns;
import dev.eosin.language.Decoder;
import dev.eosin.language.DecoderSequences;
import dev.eosin.language.Llama;
import dev.eosin.language.TokenPart;
import dev.eosin.language.generation.EndTokens;
import dev.eosin.language.generation.GenerationSettings;
import dev.eosin.language.generation.Generator;
import dev.eosin.language.generation.Prompt;
import dev.eosin.language.generation.Search;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.Rotary;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.language.stored.LanguageModel;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Pass;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.LargePieces;
import dev.eosin.tensor.MappedTensors;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.machine.Recomputation;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/// Speed and memory of a decoder on random ids: text generated, prompts read, training steps.
///
/// @param folder a model of Hugging Face's, used in place; without it random weights of
///   SmolLM2-135M's shape
/// @param base what becomes of that model's weights; only frozen ones
/// @param batch rows
/// @param tokens of a prompt, or of a row in training
/// @param more new tokens of each row
/// @param beams of a search; 1 is greedy
/// @param precision of weights that are trained or random
/// @param lora rank of adapters on every linear, trained instead of the model
/// @param supervised share of a training row's tokens that are asked for, its last ones
/// @param updates of the weights in training
/// @param steps timed, after one that is not
public record LanguageBenchmark(
    Optional<Path> folder,
    FrozenBase base,
    int batch,
    int tokens,
    int more,
    int beams,
    DType precision,
    Optional<Integer> lora,
    double supervised,
    Recomputation activations,
    Updates updates,
    int steps,
    int threads,
    MatrixProducts products) {
  private static final double THETA = 100_000;

  private Engine engine() {
    return Engine.start(Device.CPU, threads, products, KernelListener.NONE);
  }

  /// SmolLM2-135M's sizes.
  static Llama shape() {
    var rotary = new Rotary(THETA, new Rotary.Scaling.None());
    return Llama.of(
        "decoder",
        new LlamaSpec(
            49_152, 576, 30, 9, 3, 64, 1536, false, true, OptionalInt.empty(), 1e-5, rotary, 2048));
  }

  private LanguageModel frozen(Engine engine) throws DataException {
    if (folder.isPresent()) {
      return LanguageModel.open(engine, LanguageFolder.open(folder.get()), base.base());
    }
    Llama model = shape();
    ParameterSet set =
        ParameterSet.allocate(
            engine, model.weights().stream().map(weight -> weight.spec(false)).toList(), precision);
    new Initialiser(new RandomKey(0)).fill(set, model.weights());
    return new LanguageModel(model, set);
  }

  /// New tokens per second of all rows, the reading of the prompts included.
  public String generate() throws IOException {
    Engine engine = engine();
    try (LanguageModel model = frozen(engine)) {
      List<int[]> prompts = prompts(model.decoder());
      Search search =
          beams == 1
              ? new Search.Greedy()
              : new Search.Beams(beams, 1, Search.EarlyStopping.LIKELY, 1);
      var settings = new GenerationSettings(more, more, 1, 0, List.of(), search);
      var generator = new Generator(settings, new EndTokens(List.of(2), 0));
      List<Prompt> seen = IntStream.range(0, batch).mapToObj(Prompt::unseen).toList();
      Rates rates =
          Rates.timed(
              batch * more,
              steps,
              () -> {
                try (Forward graph = new Forward(engine);
                    var sequences =
                        DecoderSequences.of(model.decoder(), model.pass(graph), prompts, 0, more)) {
                  generator.generate(sequences, seen);
                }
              });
      return result("language-generate")
          .rates("tokens_per_s", rates.perSecond())
          .with("cpu_s_per_step", rates.processorSeconds())
          .line();
    }
  }

  /// Tokens of prompts per second, with the scores of what follows the last.
  public String prefill() throws IOException {
    Engine engine = engine();
    long started = System.nanoTime();
    try (LanguageModel model = frozen(engine)) {
      double opened = (System.nanoTime() - started) / 1e9;
      List<int[]> prompts = prompts(model.decoder());
      Rates rates =
          Rates.timed(
              batch * tokens,
              steps,
              () -> {
                try (Forward graph = new Forward(engine)) {
                  DecoderSequences.of(model.decoder(), model.pass(graph), prompts, 0, 1).close();
                }
              });
      return result("language-prefill")
          .rates("tokens_per_s", rates.perSecond())
          .with("open_s", opened)
          .with("cpu_s_per_step", rates.processorSeconds())
          .line();
    }
  }

  /// The loss of all rows' tokens, in chunks or with all logits at once, and how far the gradients
  /// of both lie apart. Memory is what the process has reached, so that each is measured by itself.
  ///
  /// @param vocabulary rows of the head
  /// @param width of the states
  /// @param chunked a chunk's logits at a time; otherwise all of them
  public String loss(int vocabulary, int width, boolean chunked) throws IOException {
    Engine engine = engine();
    int rows = batch * tokens;
    List<ParameterSet.Spec> specs =
        List.of(new ParameterSet.Spec("head", new long[] {vocabulary, width}, false, false));
    try (ParameterSet set = ParameterSet.allocate(engine, specs, precision);
        Tensor states = engine.of(gaussians(rows * width), rows, width);
        Tensor targets = engine.of(targets(rows, vocabulary), rows)) {
      new Initialiser(new RandomKey(0))
          .fill(set, List.of(Weight.normal("head", Math.pow(width, -0.5), vocabulary, width)));
      double before = BenchmarkResult.peakMib();
      int chunk = chunked ? TokenPart.chunk(vocabulary) : rows;
      double[] rates =
          Rates.measure(
              rows, steps, () -> lossGradient(engine, set, states, targets, chunk).close());
      BenchmarkResult result =
          result("language-loss")
              .text("form", chunked ? "chunks of " + chunk : "all at once")
              .rates("tokens_per_s", rates)
              .with("more_peak_mib", BenchmarkResult.peakMib() - before);
      return chunked ? result.line() : compared(result, engine, set, states, targets).line();
    }
  }

  private static BenchmarkResult compared(
      BenchmarkResult result, Engine engine, ParameterSet set, Tensor states, Tensor targets) {
    int vocabulary = Math.toIntExact(set.get("head").data().size(0));
    try (Tensor one = lossGradient(engine, set, states, targets, (int) states.size(0));
        Tensor other = lossGradient(engine, set, states, targets, TokenPart.chunk(vocabulary))) {
      float[] x = one.toFloats();
      float[] y = other.toFloats();
      double distance = 0;
      double largest = 0;
      for (int i = 0; i < x.length; i++) {
        distance = Math.max(distance, Math.abs(x[i] - y[i]));
        largest = Math.max(largest, Math.abs(x[i]));
      }
      return result.with("gradient_distance_1e6", 1e6 * distance / largest);
    }
  }

  /// The gradient of the states.
  private static Tensor lossGradient(
      Engine engine, ParameterSet set, Tensor states, Tensor targets, int chunk) {
    try (Tape tape = new Tape(engine);
        var pieces = LargePieces.mapped()) {
      Value leaf = tape.leaf(states);
      double weight = states.size(0);
      Value loss =
          tape.one(
              TokenPart.LOSS,
              List.of(leaf, tape.constant(targets)),
              set.named("head"),
              chunk,
              weight,
              true,
              false);
      tape.backward(loss, (parameters, gradients) -> gradients.forEach(Tensor::close));
      return tape.takeGradient(leaf);
    }
  }

  private static float[] gaussians(int count) {
    RandomStream random = new RandomKey(1).stream(RandomKey.Purpose.AUGMENTATION, 1, 0);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = (float) random.nextGaussian();
    }
    return values;
  }

  private static long[] targets(int count, int vocabulary) {
    RandomStream random = new RandomKey(1).stream(RandomKey.Purpose.AUGMENTATION, 2, 0);
    return LongStream.range(0, count).map(i -> random.nextInt(vocabulary)).toArray();
  }

  private List<int[]> prompts(Decoder decoder) {
    List<int[]> prompts = new ArrayList<>();
    for (int row = 0; row < batch; row++) {
      prompts.add(ids(decoder, row));
    }
    return prompts;
  }

  private int[] ids(Decoder decoder, int row) {
    RandomStream random = new RandomKey(1).stream(RandomKey.Purpose.AUGMENTATION, 0, row);
    int[] ids = new int[tokens];
    for (int i = 0; i < tokens; i++) {
      ids[i] = 5 + random.nextInt(decoder.spec().vocabulary() - 5);
    }
    return ids;
  }

  /// Forward, backward and AdamW, rows per second.
  public String train() throws IOException {
    Engine engine = engine();
    if (folder.isPresent()) {
      return trainBeside(engine, LanguageFolder.open(folder.get()));
    }
    Llama plain = shape();
    Decoder decoder = plain;
    List<ParameterSet.Spec> specs = new ArrayList<>();
    if (lora.isPresent()) {
      AdaptedDecoder adapted = AdapterSettings.of(lora.get(), 2.0 * lora.get()).resolve(plain);
      decoder = adapted.decoder();
      specs.addAll(adapted.specs());
    } else {
      plain.weights().forEach(weight -> specs.add(weight.spec(true)));
    }
    try (ParameterSet set = ParameterSet.allocate(engine, specs, precision)) {
      var first = new Initialiser(new RandomKey(0));
      first.fill(set, decoder.weights());
      first.fill(set, decoder.adapterWeights(), decoder.weights().size());
      return train(engine, decoder, set);
    }
  }

  /// Adapters beside a folder's frozen model.
  private String trainBeside(Engine engine, LanguageFolder model) throws IOException {
    Decoder plain = model.decoder("decoder");
    int rank = lora.orElseThrow();
    AdaptedDecoder adapted = AdapterSettings.of(rank, 2.0 * rank).resolve(plain);
    MappedTensors frozen = model.frozen(engine, plain, LanguageFolder.shapes(plain), base.base());
    try (ParameterSet set =
        ParameterSet.allocate(engine, adapted.specs(), DType.FLOAT32, List.of(frozen))) {
      List<Weight> trained = adapted.decoder().adapterWeights();
      new Initialiser(new RandomKey(0)).fill(set, trained, plain.weights().size());
      return train(engine, adapted.decoder(), set);
    }
  }

  /// How far what a folder's model says of random ids, and of those that it chooses itself, lies
  /// from what the same weights say in fp32.
  public String agree() throws IOException {
    LanguageFolder model = LanguageFolder.open(folder.orElseThrow());
    Engine engine = engine();
    List<int[]> prompts = prompts(model.decoder("decoder"));
    BaseAgreement exact = BaseAgreement.of(engine, model, Base.CONVERTED, prompts, more);
    BaseAgreement other = BaseAgreement.of(engine, model, base.base(), prompts, more);
    return other.compared(result("language-agree"), exact).line();
  }

  private String train(Engine engine, Decoder decoder, ParameterSet set) throws IOException {
    var settings = new AdamWSettings(1e-5, List.of(0.9, 0.98), 1e-6, 0, Optional.empty());
    var execution = new BlockExecution(false, true, activations.every());
    int asked = (int) Math.round(supervised * tokens);
    long[] ids =
        IntStream.range(0, batch)
            .boxed()
            .flatMapToLong(row -> IntStream.of(ids(decoder, row)).asLongStream())
            .toArray();
    long[] places =
        LongStream.range(0, ids.length)
            .filter(i -> i % tokens >= tokens - asked - 1 && i % tokens < tokens - 1)
            .toArray();
    long[] targets = LongStream.of(places).map(place -> ids[(int) place + 1]).toArray();
    try (AdamW optimiser = new AdamW(set, settings);
        Tensor input = engine.of(ids, batch, tokens);
        Tensor at = engine.of(places, places.length);
        Tensor next = engine.of(targets, targets.length)) {
      Rates rates =
          Rates.timed(
              batch,
              steps,
              () ->
                  updates.step(
                      optimiser,
                      sink -> {
                        try (Tape tape = new Tape(engine)) {
                          Pass pass = new Pass(tape, set, execution);
                          Value embedded = decoder.embed(pass, input);
                          Value states = decoder.through(pass, embedded, Columns.whole(tokens));
                          Value rows = decoder.normed(pass, decoder.rows(pass, states, at));
                          tape.backward(decoder.loss(pass, rows, next, places.length), sink);
                        }
                      }));
      return result("language-train")
          .rates("rows_per_s", rates.perSecond())
          .with("cpu_s_per_step", rates.processorSeconds())
          .line();
    }
  }

  private BenchmarkResult result(String what) {
    return new BenchmarkResult(what)
        .text("base", base.toString())
        .settings(
            Map.of(
                "model", folder.map(Path::toString).orElse("smollm2-135m, random"),
                "batch", batch,
                "tokens", tokens,
                "new", more,
                "beams", beams,
                "precision", precision.name().toLowerCase(Locale.ROOT),
                "lora", lora.orElse(0),
                "supervised", supervised,
                "threads", threads,
                "products", products.toString()));
  }
}
