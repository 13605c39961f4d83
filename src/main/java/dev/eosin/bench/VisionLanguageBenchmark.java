package dev.eosin.bench;

import dev.eosin.data.batches.Batch;
import dev.eosin.features.ImageFeatures;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Decoder;
import dev.eosin.language.rows.RowPlan;
import dev.eosin.language.stored.AdapterSettings;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Initialiser;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ProcessorTime;
import dev.eosin.tower.ImageTower;
import dev.eosin.tower.PixelInputs;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.machine.Recomputation;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import dev.eosin.vllm.ImageInput;
import dev.eosin.vllm.LinearProjector;
import dev.eosin.vllm.VisionLanguage;
import dev.eosin.vllm.VisionLanguageLearner;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Training steps of a model in LLaVA's manner with random weights: a frozen ViT-B/32 at 224 px
/// that is computed in every step (49 tokens an image, layer -2), a projector of two linears, a
/// decoder of SmolLM2-135M's shape that is frozen but for its adapters.
///
/// @param batch rows of a step
/// @param tokens of a row, those of its image included
/// @param lora rank of adapters on every linear of the decoder; without it the projector alone is
///   trained
/// @param precision of the weights
/// @param batches of a mix
/// @param steps timed, after one that is not
public record VisionLanguageBenchmark(
    int batch,
    int tokens,
    Optional<Integer> lora,
    DType precision,
    Recomputation activations,
    int batches,
    int steps,
    int threads,
    MatrixProducts products) {
  private static final int SIDE = 224;
  private static final int TOLD = 8;

  /// A model that is trained.
  private record Trained(
      VisionLanguage model, ParameterSet parameters, AdamW optimiser, PixelInputs input)
      implements AutoCloseable {
    VisionLanguageLearner learner(Recomputation activations, RowPlan plan) {
      return new VisionLanguageLearner(
          model,
          parameters,
          input.compute(),
          new BlockExecution(false, true, activations.every()),
          new RandomKey(0),
          plan,
          new ImageInput.Pixels(input),
          SeenRow.IMAGE);
    }

    void step(VisionLanguageLearner learner, Batch rows) {
      learner.differentiate(rows, learner.weight(rows), 1, new StepLosses(), optimiser);
      optimiser.update(1e-5);
    }

    @Override
    public void close() {
      optimiser.close();
      input.close();
      parameters.close();
    }
  }

  private Trained trained(KernelListener kernels) {
    Engine engine = Engine.start(Device.CPU, threads, products, kernels);
    var vit = new Vit(SIDE, SIDE, 32, 768, 12, 12, 3072);
    var features =
        new ImageFeatures(ImageTower.of("image", vit, 512, Activation.QUICK_GELU), -2, false);
    Decoder decoder = LanguageBenchmark.shape();
    if (lora.isPresent()) {
      AdaptedDecoder adapted =
          AdapterSettings.of(lora.get(), 2.0 * lora.get()).resolve(LanguageBenchmark.shape());
      decoder = adapted.decoder();
    }
    var projector = new LinearProjector("projector", 768, decoder.spec().width(), 2);
    var model = new VisionLanguage(features, projector, decoder);
    List<ParameterSet.Spec> specs = new ArrayList<>();
    model.weights().forEach(w -> specs.add(w.spec(w.name().startsWith("projector."))));
    decoder.adapterWeights().forEach(weight -> specs.add(weight.spec(true)));
    ParameterSet set = ParameterSet.allocate(engine, specs, precision);
    var first = new Initialiser(new RandomKey(0));
    List<Weight> own = model.weights();
    first.fill(set, own);
    first.fill(set, decoder.adapterWeights(), own.size());
    var settings = new AdamWSettings(1e-5, List.of(0.9, 0.999), 1e-8, 0, Optional.empty());
    return new Trained(
        model,
        set,
        new AdamW(set, settings),
        new PixelInputs(engine, precision, Normalisation.OPENAI));
  }

  /// Forward, backward and AdamW on rows with an image each, of which the last half of the text is
  /// asked for: rows per second.
  public String train() throws IOException {
    KernelShares shares = new KernelShares();
    try (Trained trained = trained(shares)) {
      int text = tokens - trained.model.tokensOfImage();
      SeenRow row = new SeenRow(1, text - text / 2, text);
      Batch rows =
          SeenRow.batch(
              IntStream.range(0, batch).mapToObj(i -> row).toList(),
              trained.model.tokensOfImage(),
              SIDE);
      VisionLanguageLearner learner = trained.learner(activations, RowPlan.padded(batch));
      trained.step(learner, rows);
      shares.begin();
      ProcessorTime clock = ProcessorTime.find();
      long used = clock.nanos().orElse(0);
      double[] rates = new double[steps];
      for (int i = 0; i < steps; i++) {
        long started = System.nanoTime();
        trained.step(learner, rows);
        rates[i] = batch / ((System.nanoTime() - started) / 1e9);
      }
      double processor = (clock.nanos().orElse(0) - used) / 1e9 / steps;
      return result(lora.isPresent() ? "vllm-train-lora" : "vllm-train-projector")
          .rates("rows_per_s", rates)
          .with("cpu_s_per_step", processor)
          .shares("kernels_percent", shares.end(TOLD))
          .line();
    }
  }

  /// Ids that are asked for and learned per second on a mix of rows: filled up as they come,
  /// grouped by length, and packed; and how much faster packing could be at most: ids of filled up
  /// rows through ids that there are.
  public String mix() throws IOException {
    try (Trained trained = trained(KernelListener.NONE)) {
      int each = trained.model.tokensOfImage();
      List<SeenRow> rows = SeenRow.mix(batches * batch);
      List<SeenRow> sorted = new ArrayList<>(rows);
      sorted.sort(Comparator.comparingInt(row -> row.length(each)));
      RowPlan padded = RowPlan.padded(batch);
      Way plain = new Way(batches(rows, each), trained.learner(activations, padded));
      Way grouped = new Way(batches(sorted, each), trained.learner(activations, padded));
      Way packed =
          new Way(
              batches(rows, each), trained.learner(activations, new RowPlan(true, Long.MAX_VALUE)));
      double asked = rows.stream().mapToInt(SeenRow::asked).sum();
      List<Way> ways = List.of(plain, grouped, packed);
      double[][] rates = new double[3][steps];
      double[][] processor = new double[3][steps];
      for (int step = 0; step <= steps; step++) {
        int place = Math.max(0, step - 1);
        for (int way = 0; way < ways.size(); way++) {
          long used = ProcessorTime.find().nanos().orElse(0);
          rates[way][place] = asked / ways.get(way).seconds(trained);
          processor[way][place] = 1e9 * asked / (ProcessorTime.find().nanos().orElse(0) - used);
        }
      }
      double ids = rows.stream().mapToInt(row -> row.length(each)).sum();
      double bound = plain.filledUp() / ids;
      double gain = median(rates[2], rates[0]);
      return result("vllm-mix")
          .with("plain_asked_per_s", BenchmarkResult.median(rates[0]))
          .with("grouped_asked_per_s", BenchmarkResult.median(rates[1]))
          .rates("packed_asked_per_s", rates[2])
          .with("ids_of_a_row", ids / rows.size())
          .with("asked_of_a_row", asked / rows.size())
          .with("bound", bound)
          .with("grouped_bound", plain.filledUp() / grouped.filledUp())
          .with("grouped_gain", median(rates[1], rates[0]))
          .with("packed_gain", gain)
          .with("packed_share_of_bound", gain / bound)
          .with("packed_gain_by_cpu", median(processor[2], processor[0]))
          .with("grouped_gain_by_cpu", median(processor[1], processor[0]))
          .line();
    }
  }

  /// The median of what one rate is of another in the same round.
  private static double median(double[] rates, double... others) {
    return BenchmarkResult.median(
        IntStream.range(0, rates.length).mapToDouble(i -> rates[i] / others[i]).toArray());
  }

  /// One way to lay out the same rows.
  private record Way(List<Batch> batches, VisionLanguageLearner learner) {
    double seconds(Trained trained) {
      long started = System.nanoTime();
      batches.forEach(rows -> trained.step(learner, rows));
      return (System.nanoTime() - started) / 1e9;
    }

    /// Ids of all rows, each as long as the longest of its batch.
    double filledUp() {
      return batches.stream()
          .mapToLong(rows -> (long) rows.size() * rows.tokens("text").longest(0, rows.size()))
          .sum();
    }
  }

  private List<Batch> batches(List<SeenRow> rows, int each) {
    return IntStream.range(0, batches)
        .mapToObj(i -> SeenRow.batch(rows.subList(i * batch, (i + 1) * batch), each, SIDE))
        .toList();
  }

  private BenchmarkResult result(String what) {
    return new BenchmarkResult(what)
        .settings(
            Map.of(
                "batch", batch,
                "tokens", tokens,
                "precision", precision.name().toLowerCase(Locale.ROOT),
                "lora", lora.orElse(0),
                "recompute_every", activations.every(),
                "threads", threads,
                "products", products.toString()));
  }
}
