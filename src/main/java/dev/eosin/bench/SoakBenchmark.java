package dev.eosin.bench;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.ClipPresets;
import dev.eosin.clip.ClipSpec;
import dev.eosin.clip.ClipStep;
import dev.eosin.clip.PairLoss;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.data.BadRowLog;
import dev.eosin.data.BadRowSettings;
import dev.eosin.data.Batch;
import dev.eosin.data.BatchLoader;
import dev.eosin.data.Preparation;
import dev.eosin.data.SampleOrder;
import dev.eosin.data.Source;
import dev.eosin.data.Sources;
import dev.eosin.data.SyntheticSettings;
import dev.eosin.image.ImageDecoder;
import dev.eosin.image.ImageSettings;
import dev.eosin.image.InputSize;
import dev.eosin.image.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.RandomKey;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.ClipTokenizer;
import dev.eosin.train.AdamW;
import dev.eosin.train.AdamWSettings;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Thousands of steps of a tiny model with everything a run does at each step (decoding,
/// tokenising, forward, backward, AdamW), to see whether memory grows or steps get slower.
///
/// The steps are cut into [#WINDOWS] windows and each window into [#PARTS] parts; a window counts
/// with the median of its parts, and what is judged is the [Trend] of the windows after the first
/// [#WARM_UP], in which the JVM still compiles what runs often.
///
/// @param batch rows in a step
/// @param threads of one CPU kernel
/// @param steps in all
public record SoakBenchmark(int batch, Device device, int threads, int steps) {
  /// Windows that the steps are cut into.
  public static final int WINDOWS = 20;

  /// Of the windows, those that do not count.
  public static final int WARM_UP = 8;

  /// Parts of a window.
  public static final int PARTS = 5;

  private static final int SIDE = 32;
  private static final int CONTEXT = 24;
  private static final int SAMPLES = 512;
  private static final int WORKERS = 2;

  /// @throws IllegalArgumentException for fewer steps than parts
  public SoakBenchmark {
    if (steps < WINDOWS * PARTS) {
      throw new IllegalArgumentException("at least %d steps".formatted(WINDOWS * PARTS));
    }
  }

  /// Done at every step besides: a leak, where the measure itself is tested.
  @FunctionalInterface
  interface Besides {
    void step(Engine engine);
  }

  public SoakResult measure() throws IOException {
    return measure(engine -> {});
  }

  SoakResult measure(Besides besides) throws IOException {
    ClipSpec spec = ClipPresets.named("tiny").withInput(SIDE, SIDE, CONTEXT);
    Engine engine = Engine.start(device, threads);
    try (Clip clip = Clip.allocate(engine, spec, DType.FLOAT32, true, Clip.fastest(device));
        ClipInputs inputs = new ClipInputs(engine, DType.FLOAT32, Normalisation.OPENAI);
        BatchLoader batches = batches()) {
      clip.initialise(new RandomKey(0));
      var settings = new AdamWSettings(1e-4, List.of(0.9, 0.98), 1e-6, 0.1, Optional.of(1.0));
      try (AdamW optimiser = new AdamW(clip.parameters(), settings)) {
        ClipStep gradients = ClipStep.of(clip, PairLoss.CONTRASTIVE, batch, batch);
        return soak(
            new SoakGauges(engine),
            () -> {
              Batch rows = batches.next();
              gradients.run(inputs.rows(rows), 1, loss -> {}, optimiser);
              optimiser.update(1e-4);
              clip.clampLogitScale();
              besides.step(engine);
            });
      }
    }
  }

  private SoakResult soak(SoakGauges gauges, SoakGauges.Step step) throws IOException {
    List<SoakWindow> windows = new ArrayList<>();
    for (int window = 0; window < WINDOWS; window++) {
      windows.add(gauges.window(PARTS, steps / (WINDOWS * PARTS), step));
    }
    return SoakResult.of(this, windows);
  }

  private BatchLoader batches() throws IOException {
    var tiles = new SyntheticSettings(SAMPLES, SyntheticSettings.Split.TRAIN, new Pixels(SIDE), 0);
    Source source = Sources.open(tiles, new ImageDecoder());
    var image = ImageSettings.openClip(new InputSize(new Pixels(SIDE)));
    var preparation =
        new Preparation(image.training(), CaptionEncoder.truncating(ClipTokenizer.load(), CONTEXT));
    BadRowLog none = BadRowLog.unlisted(new BadRowSettings(new Share(0)), source.size());
    var order = new SampleOrder(new RandomKey(0), source.size());
    return BatchLoader.training(source, order, preparation, batch, WORKERS, 0, none);
  }
}
