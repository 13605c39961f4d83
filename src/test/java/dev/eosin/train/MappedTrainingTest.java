package dev.eosin.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointState;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.MappedWeights;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SyntheticWeights;
import dev.eosin.config.DataException;
import dev.eosin.file.FileDigest;
import dev.eosin.nn.Activation;
import dev.eosin.nn.BlockStyle;
import dev.eosin.nn.Transformer;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.train.optimisers.AdamW;
import dev.eosin.train.optimisers.AdamWSettings;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Adapters that are trained beside weights which are used in place in their file.
class MappedTrainingTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 2);
  private static final AdamWSettings SETTINGS =
      new AdamWSettings(1e-2, List.of(0.9, 0.98), 1e-6, 0.2, Optional.of(1.0));
  private static final EmaSettings AVERAGED = new EmaSettings(0.9, false, true, false);
  private static final Transformer BLOCKS =
      new Transformer("decoder", 2, 32, 4, 64, true, Activation.GELU, BlockStyle.CLIP);

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = folder.resolve("weights.safetensors");
    SyntheticWeights.write(file, AdaptedBlocks.shapes(BLOCKS), 0.2);
  }

  private AdaptedBlocks mapped() throws DataException {
    MappedWeights weights =
        MappedWeights.open(
            ENGINE,
            SafetensorsFile.open(file),
            AdaptedBlocks.layout(BLOCKS),
            AdaptedBlocks.shapes(BLOCKS));
    assertThat(weights.copied()).isZero();
    return AdaptedBlocks.mapped(ENGINE, BLOCKS, weights);
  }

  private AdaptedBlocks copied() throws DataException {
    try (SafetensorsFile opened = SafetensorsFile.open(file)) {
      return AdaptedBlocks.copied(ENGINE, BLOCKS, opened);
    }
  }

  private static double step(AdaptedBlocks learner, AdamW optimiser) {
    double loss = learner.differentiate(optimiser);
    optimiser.update(1e-2);
    return loss;
  }

  private static Map<String, float[]> masters(AdaptedBlocks learner) {
    var values = new LinkedHashMap<String, float[]>();
    learner
        .parameters()
        .trainable()
        .forEach(parameter -> values.put(parameter.name(), parameter.master().toFloats()));
    return values;
  }

  private static void assertSame(Map<String, float[]> found, Map<String, float[]> wanted) {
    assertThat(found.keySet()).isEqualTo(wanted.keySet()).isNotEmpty();
    found.forEach((name, values) -> assertThat(values).as(name).isEqualTo(wanted.get(name)));
  }

  @Test
  void adaptersLearnAsBesideCopiesAndTheFileStaysAsItIs() throws IOException {
    FileDigest before = FileDigest.of(file);
    long tensors = ENGINE.openTensors();
    try (AdaptedBlocks inPlace = mapped();
        AdaptedBlocks beside = copied();
        AdamW one = new AdamW(inPlace.parameters(), SETTINGS);
        AdamW other = new AdamW(beside.parameters(), SETTINGS)) {
      double first = inPlace.measure();
      assertThat(first).isEqualTo(beside.measure());
      for (int i = 0; i < 3; i++) {
        assertThat(step(inPlace, one)).isEqualTo(step(beside, other));
      }
      assertSame(masters(inPlace), masters(beside));
      assertThat(inPlace.measure()).isLessThan(first);
      Parameter frozen = inPlace.parameters().get("decoder.blocks.0.mlp.up.weight");
      assertThat(one.parameters()).doesNotContain(frozen);
      assertThatThrownBy(() -> one.moments(frozen)).hasMessageContaining("is not trained");
    }
    assertThat(FileDigest.of(file)).isEqualTo(before);
    assertThat(ENGINE.openTensors()).isEqualTo(tensors);
  }

  @Test
  void theAverageIsOfTheTrainedWeightsAlone() throws IOException {
    FileDigest before = FileDigest.of(file);
    try (AdaptedBlocks learner = mapped();
        AdamW optimiser = new AdamW(learner.parameters(), SETTINGS);
        WeightAverage average = new WeightAverage(learner.parameters(), AVERAGED)) {
      assertThat(average.parameters()).isEqualTo(learner.parameters().trainable());
      average.begin();
      step(learner, optimiser);
      average.follow(1);
      double trained = learner.measure();
      try (WeightAverage.Shown shown = average.show()) {
        assertThat(learner.measure()).isNotEqualTo(trained);
      }
      assertThat(learner.measure()).isEqualTo(trained);
    }
    assertThat(FileDigest.of(file)).isEqualTo(before);
  }

  @Test
  void checkpointsHoldTheOthersAndARunGoesOnFromThem() throws IOException {
    var store = new CheckpointStore(folder.resolve("checkpoints"), 1, "test");
    Map<String, float[]> wanted;
    try (AdaptedBlocks learner = mapped();
        AdamW optimiser = new AdamW(learner.parameters(), SETTINGS)) {
      step(learner, optimiser);
      TrainingCheckpoint.save(learner, optimiser, Optional.empty(), store, state());
      step(learner, optimiser);
      wanted = masters(learner);
    }
    Checkpoint checkpoint = store.newestValid().checkpoint().orElseThrow();
    try (AdaptedBlocks learner = mapped();
        AdamW optimiser = new AdamW(learner.parameters(), SETTINGS);
        SafetensorsFile saved = checkpoint.model()) {
      assertThat(saved.names())
          .hasSize(16)
          .allMatch(name -> name.contains(".lora-"))
          .containsExactlyInAnyOrderElementsOf(wanted.keySet());
      TrainingCheckpoint.restore(learner, optimiser, Optional.empty(), checkpoint);
      step(learner, optimiser);
      assertSame(masters(learner), wanted);
    }
  }

  @Test
  void aCheckpointThatHoldsMoreOrLessIsRefused() throws IOException {
    var mappedStore = new CheckpointStore(folder.resolve("mapped"), 1, "test");
    var copiedStore = new CheckpointStore(folder.resolve("copied"), 1, "test");
    try (AdaptedBlocks inPlace = mapped();
        AdaptedBlocks beside = copied();
        AdamW one = new AdamW(inPlace.parameters(), SETTINGS);
        AdamW other = new AdamW(beside.parameters(), SETTINGS)) {
      TrainingCheckpoint.save(inPlace, one, Optional.empty(), mappedStore, state());
      TrainingCheckpoint.save(beside, other, Optional.empty(), copiedStore, state());
      Checkpoint less = mappedStore.newestValid().checkpoint().orElseThrow();
      Checkpoint more = copiedStore.newestValid().checkpoint().orElseThrow();
      assertThatThrownBy(() -> TrainingCheckpoint.restore(inPlace, one, Optional.empty(), more))
          .isInstanceOf(DataException.class)
          .hasMessageContainingAll("0 missing, 24 unknown", "decoder.blocks.0.mlp.down.bias");
      assertThatThrownBy(() -> TrainingCheckpoint.restore(beside, other, Optional.empty(), less))
          .isInstanceOf(DataException.class)
          .hasMessageContainingAll("24 missing, 0 unknown", "decoder.blocks.0.mlp.up.weight");
    }
  }

  private static CheckpointState state() {
    return CheckpointState.beginning(7, Map.of()).advanced(1, 1, Map.of());
  }
}
