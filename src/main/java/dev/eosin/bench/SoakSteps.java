package dev.eosin.bench;

import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipInputs;
import dev.eosin.clip.ClipStep;
import dev.eosin.clip.PairLoss;
import dev.eosin.clip.spec.ClipPresets;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.config.Pixels;
import dev.eosin.config.Share;
import dev.eosin.data.Source;
import dev.eosin.data.batches.BadRowLog;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.batches.PairPreparation;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.settings.BadRowSettings;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.ClipTokenizer;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// The steps of a soak: a tiny model, its data and its optimiser.
final class SoakSteps implements AutoCloseable {
  private static final int SIDE = 32;
  private static final int CONTEXT = 24;
  private static final int SAMPLES = 512;
  private static final int WORKERS = 2;
  private static final double RATE = 1e-4;

  private final Clip clip;
  private final ClipInputs inputs;
  private final BatchLoader batches;
  private final AdamW optimiser;
  private final ClipStep gradients;

  private SoakSteps(Clip clip, ClipInputs inputs, BatchLoader batches, int batch) {
    this.clip = clip;
    this.inputs = inputs;
    this.batches = batches;
    this.optimiser =
        new AdamW(
            clip.parameters(),
            new AdamWSettings(RATE, List.of(0.9, 0.98), 1e-6, 0.1, Optional.of(1.0)));
    this.gradients = ClipStep.of(clip, PairLoss.CONTRASTIVE, batch, batch);
  }

  static SoakSteps begin(int batch, Device device, int threads) throws IOException {
    ClipSpec spec = ClipPresets.named("tiny").withInput(SIDE, SIDE, CONTEXT);
    Engine engine = Engine.start(device, threads);
    BatchLoader batches = batches(batch);
    Clip clip = Clip.allocate(engine, spec, DType.FLOAT32, true, Clip.fastest(device));
    clip.initialise(new RandomKey(0));
    var inputs = new ClipInputs(engine, DType.FLOAT32, Normalisation.OPENAI);
    return new SoakSteps(clip, inputs, batches, batch);
  }

  Engine engine() {
    return clip.engine();
  }

  void step() throws IOException {
    Batch rows = batches.next();
    gradients.run(inputs.rows(rows), 1, new StepLosses(), optimiser);
    optimiser.update(RATE);
    clip.clampLogitScale();
  }

  private static BatchLoader batches(int batch) throws IOException {
    var tiles = new SyntheticSettings(SAMPLES, SyntheticSettings.Split.TRAIN, new Pixels(SIDE), 0);
    Source source = Sources.open(tiles, new ImageDecoder());
    var image = ImageSettings.openClip(new InputSize(new Pixels(SIDE)));
    var preparation =
        new PairPreparation(
            image.training(), CaptionEncoder.truncating(ClipTokenizer.load(), CONTEXT));
    BadRowLog none = BadRowLog.unlisted("soak", new BadRowSettings(new Share(0)), source.size());
    var order = new SampleOrder(new RandomKey(0), source.size());
    return BatchLoader.training(source, order, preparation, batch, WORKERS, 0, none);
  }

  @Override
  public void close() {
    optimiser.close();
    batches.close();
    inputs.close();
    clip.close();
  }
}
