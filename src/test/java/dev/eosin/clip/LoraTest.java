package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.stored.ClipExport;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.config.Pixels;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockExecution;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Parameter;
import dev.eosin.tower.Causal;
import dev.eosin.tower.EndOfText;
import dev.eosin.tower.Vit;
import dev.eosin.train.StepLosses;
import dev.eosin.train.optimisers.GradientSums;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Low-rank adapters on whole towers.
class LoraTest {
  private static final ClipSpec SPEC =
      new ClipSpec(
          16,
          new Vit(16, 16, 8, 32, 3, 4, 64),
          new Causal(12, 50, 32, 2, 4, 64, new EndOfText.LargestId()),
          Activation.QUICK_GELU);
  private static final LoraSettings LORA =
      new LoraSettings(
          4,
          8,
          List.of(LoraSettings.Place.IMAGE, LoraSettings.Place.TEXT),
          List.of(LoraSettings.Target.ATTENTION, LoraSettings.Target.MLP),
          0);

  private static Clip adapted(LoraSettings lora, BlockExecution execution) {
    Clip clip =
        Clip.allocate(
            ClipCase.ENGINE,
            SPEC,
            DType.FLOAT32,
            lora.locked(SPEC),
            execution.adapted(lora.adapters()));
    clip.initialise(new RandomKey(3));
    return clip;
  }

  private static Clip plain(BlockExecution execution) {
    Clip clip = Clip.allocate(ClipCase.ENGINE, SPEC, DType.FLOAT32, false, execution);
    clip.initialise(new RandomKey(3));
    return clip;
  }

  /// Gives every B values, as training does.
  private static void train(Clip clip) {
    RandomStream random = new RandomKey(9).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    for (String name : clip.adapterNames()) {
      clip.parameters().fill(name, () -> 0.1 * random.nextGaussian());
    }
  }

  private static float[] features(Clip clip, boolean image) {
    var rows = new DrawnRows(SPEC, 5, 4);
    try (Forward graph = new Forward(ClipCase.ENGINE)) {
      Tower tower = image ? Tower.IMAGE : Tower.TEXT;
      return tower.features(graph, clip, rows, 0, 5).data().toFloats();
    }
  }

  @Test
  void adaptersThatWereNotTrainedChangeNothing() {
    for (boolean image : new boolean[] {true, false}) {
      try (Clip adapted = adapted(LORA, BlockExecution.PLAIN);
          Clip base = plain(BlockExecution.PLAIN)) {
        assertThat(features(adapted, image)).isEqualTo(features(base, image));
      }
      // The shortened last block takes its query from one product more: equal within rounding.
      var pooled = new BlockExecution(true, true, 0);
      try (Clip adapted = adapted(LORA, pooled);
          Clip base = plain(pooled)) {
        assertThat(features(adapted, image)).containsExactly(features(base, image), within(1e-6f));
      }
    }
  }

  @Test
  void onlyAdaptersAndTheLogitScaleGetGradients() {
    var image =
        new LoraSettings(
            2, 2, List.of(LoraSettings.Place.IMAGE), List.of(LoraSettings.Target.ATTENTION), 0);
    try (Clip clip = adapted(image, new BlockExecution(true, true, 0));
        GradientSums sums = new GradientSums(ClipCase.ENGINE)) {
      train(clip);
      for (ClipStep step :
          List.of(
              new WholeStep(clip, PairLoss.CONTRASTIVE),
              new CachedStep(clip, PairLoss.CONTRASTIVE, 2))) {
        step.run(new DrawnRows(SPEC, 5, 4), 1, new StepLosses(), sums);
      }
      Set<String> trained =
          clip.parameters().all().stream()
              .filter(sums::has)
              .map(Parameter::name)
              .collect(Collectors.toSet());
      assertThat(trained)
          .contains("logit-scale", "image.blocks.0.attention.query-key-value.lora-a")
          .contains("image.blocks.2.attention.output.lora-b")
          .hasSize(1 + 3 * 2 * 2)
          .noneMatch(name -> name.startsWith("text."));
    }
  }

  @Test
  void adaptedGradientsInPartsAreThoseOfTheWholeStep() {
    try (Clip clip = adapted(LORA, new BlockExecution(true, true, 2));
        GradientSums whole = new GradientSums(ClipCase.ENGINE);
        GradientSums parts = new GradientSums(ClipCase.ENGINE)) {
      train(clip);
      var rows = new DrawnRows(SPEC, 5, 4);
      new WholeStep(clip, PairLoss.CONTRASTIVE).run(rows, 1, new StepLosses(), whole);
      new CachedStep(clip, PairLoss.CONTRASTIVE, 2).run(rows, 1, new StepLosses(), parts);
      for (Parameter parameter : clip.parameters().trainable()) {
        assertThat(parts.of(parameter).toFloats())
            .as(parameter.name())
            .containsExactly(whole.of(parameter).toFloats(), within(1e-5f));
      }
    }
  }

  @Test
  void anExportedModelHasTheAdaptersInItsWeights(@TempDir Path home) throws IOException {
    Path folder = home.resolve("final");
    ImageSettings images = ImageSettings.openClip(new InputSize(new Pixels(16)));
    try (Clip clip = adapted(LORA, new BlockExecution(true, true, 0));
        Clip merged = plain(new BlockExecution(true, true, 0));
        Clip base = plain(new BlockExecution(true, true, 0))) {
      train(clip);
      ClipExport.write(folder, clip, images, Map.of());
      try (SafetensorsFile file =
          SafetensorsFile.open(folder.resolve("open_clip_model.safetensors"))) {
        ClipWeights.load(merged, ClipWeights.openClip(SPEC), file);
      }
      for (boolean image : new boolean[] {true, false}) {
        float[] wanted = features(clip, image);
        assertThat(features(merged, image)).containsExactly(wanted, within(1e-5f));
        float[] before = features(base, image);
        assertThat(largestDifference(before, wanted)).isGreaterThan(1e-2);
      }
    }
  }

  private static double largestDifference(float[] x, float[] y) {
    double largest = 0;
    for (int i = 0; i < x.length; i++) {
      largest = Math.max(largest, Math.abs(x[i] - y[i]));
    }
    return largest;
  }
}
