package dev.eosin.bench;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.ClipStep;
import dev.eosin.clip.LoraSettings;
import dev.eosin.clip.LossSettings;
import dev.eosin.clip.PairLoss;
import dev.eosin.clip.PatchDropout;
import dev.eosin.clip.StepRows;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.data.batches.RowMarks;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.tower.ImageSpec;
import dev.eosin.train.StepLosses;
import dev.eosin.train.machine.Precision;
import dev.eosin.train.machine.Recomputation;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Speed and memory of CLIP on random input: whole training steps, or images and captions encoded.
///
/// @param model a preset's name, or a configuration file
/// @param batch rows in a step
/// @param micro rows that go through the towers at once
/// @param precision of weights and activations
/// @param device where it runs
/// @param threads of one CPU kernel
/// @param products of blocks on a CPU
/// @param steps timed, after one that is not
/// @param captionTokens length of every caption in tokens
/// @param activations what blocks keep for their backward
/// @param patchDropout share of the patches that training leaves out
/// @param lora rank of adapters on every linear of both towers, trained instead of the model
/// @param updates of the weights in training
public record ClipBenchmark(
    String model,
    int batch,
    int micro,
    Precision precision,
    Device device,
    int threads,
    MatrixProducts products,
    int steps,
    int captionTokens,
    Recomputation activations,
    double patchDropout,
    Optional<Integer> lora,
    Updates updates) {
  private static final double BACKWARD_AND_FORWARD = 3;

  /// Forward, backward, AdamW and clamp, as a recipe without clipping does them.
  public String train() throws IOException {
    ClipSpec spec = BenchmarkModel.spec(model);
    Engine engine = Engine.start(device, threads, products, KernelListener.NONE);
    BlockExecution execution = Clip.fastest(device).recomputing(activations.every());
    try (Clip clip =
            lora.map(rank -> adapted(engine, spec, execution, everywhere(rank)))
                .orElseGet(() -> Clip.allocate(engine, spec, compute(), true, execution));
        ClipInputs inputs = new ClipInputs(engine, compute(), Normalisation.OPENAI)) {
      clip.initialise(new RandomKey(0));
      var settings = new AdamWSettings(1e-5, List.of(0.9, 0.98), 1e-6, 0.2, Optional.empty());
      try (AdamW optimiser = new AdamW(clip.parameters(), settings)) {
        ClipStep gradients =
            ClipStep.dropping(
                ClipStep.of(clip, PairLoss.CONTRASTIVE, batch, micro),
                new PatchDropout(patchDropout, new RandomKey(1)),
                clip);
        StepRows rows = rows(clip, inputs);
        double[] rates =
            Rates.measure(
                batch,
                steps,
                () -> {
                  updates.step(optimiser, sink -> gradients.run(rows, 1, new StepLosses(), sink));
                  clip.clampLogitScale();
                });
        double flops = BACKWARD_AND_FORWARD * spec.forwardFlops(captionTokens);
        MatrixRate matrices = MatrixRate.measure(engine, compute());
        return result("clip-train")
            .rates("images_per_s", rates)
            .with("flops_per_image", flops)
            .with("matrix_gflops_per_s", matrices.gigaflopsPerSecond())
            .with("share_of_matrix_rate", matrices.share(BenchmarkResult.median(rates), flops))
            .line();
      }
    }
  }

  private static LoraSettings everywhere(int rank) {
    return new LoraSettings(
        rank,
        2.0 * rank,
        List.of(LoraSettings.Place.values()),
        List.of(LoraSettings.Target.values()),
        0);
  }

  private Clip adapted(
      Engine engine, ClipSpec spec, BlockExecution execution, LoraSettings adapters) {
    BlockExecution beside = execution.adapted(adapters.adapters());
    return Clip.allocate(engine, spec, compute(), adapters.locked(spec), beside);
  }

  /// Images or captions per second through one tower, forward only.
  ///
  /// @param images the image tower; otherwise the text tower
  public String encode(boolean images) throws IOException {
    ClipSpec spec = BenchmarkModel.spec(model);
    Engine engine = Engine.start(device, threads, products, KernelListener.NONE);
    try (Clip clip = Clip.allocate(engine, spec, compute(), false, Clip.fastest(device));
        ClipInputs inputs = new ClipInputs(engine, compute(), Normalisation.OPENAI);
        Tensor input = input(rows(clip, inputs), images)) {
      clip.initialise(new RandomKey(0));
      double[] rates = Rates.measure(batch, steps, () -> encode(clip, input, images));
      return result(images ? "clip-encode" : "clip-encode-text")
          .rates(images ? "images_per_s" : "captions_per_s", rates)
          .with(
              images ? "flops_per_image" : "flops_per_caption",
              images ? spec.imageFlops() : spec.textFlops(captionTokens))
          .line();
    }
  }

  private Tensor input(StepRows rows, boolean images) {
    return images ? rows.pixels(0, batch) : rows.ids(0, batch);
  }

  private static void encode(Clip clip, Tensor input, boolean images) {
    try (Forward graph = new Forward(clip.engine())) {
      Value features = images ? clip.imageFeatures(graph, input) : clip.textFeatures(graph, input);
      features.data().toFloats();
    }
  }

  private DType compute() {
    return precision.compute(device);
  }

  /// Random pixels, and random ids between start and end of text, every caption `captionTokens`
  /// long.
  private StepRows rows(Clip clip, ClipInputs inputs) {
    ImageSpec image = clip.spec().image();
    byte[] bytes = new byte[batch * 3 * image.height() * image.width()];
    new RandomKey(1).stream(RandomKey.Purpose.AUGMENTATION, 0, 0).nextBytes(bytes);
    int[] ids = ids(clip.spec().text().vocabulary());
    return new StepRows() {
      @Override
      public int size() {
        return batch;
      }

      @Override
      public Tensor pixels(int from, int to) {
        return inputs.pixels(bytes, from, to, image.height(), image.width());
      }

      @Override
      public long position(int row) {
        return row;
      }

      @Override
      public Tensor ids(int from, int to) {
        return inputs.ids(ids, from, to, captionTokens, captionTokens);
      }

      @Override
      public Optional<RowMarks> marks(LossSettings.Positives positives) {
        return Optional.empty();
      }
    };
  }

  private int[] ids(int vocabulary) {
    RandomStream random = new RandomKey(1).stream(RandomKey.Purpose.CAPTION_CHOICE, 0, 0);
    int[] ids = new int[batch * captionTokens];
    for (int i = 0; i < ids.length; i++) {
      int column = i % captionTokens;
      ids[i] =
          column == 0
              ? vocabulary - 2
              : column == captionTokens - 1 ? vocabulary - 1 : 1 + random.nextInt(vocabulary - 3);
    }
    return ids;
  }

  private BenchmarkResult result(String what) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("model", model);
    settings.put("batch", batch);
    settings.put("micro", micro);
    settings.put("precision", compute().name());
    settings.put("device", device.torchName());
    settings.put("threads", threads);
    settings.put("matrix_products", products.toString());
    settings.put("steps", steps);
    settings.put("caption_tokens", captionTokens);
    settings.put("activations", activations.toString());
    settings.put("patch_dropout", patchDropout);
    settings.put("lora_rank", lora.orElse(0));
    return new BenchmarkResult(what).settings(settings);
  }
}
