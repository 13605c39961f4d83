package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.config.DataException;
import dev.eosin.file.Disk;
import dev.eosin.file.FaultyDisk;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointStoreTest {
  @TempDir Path run;
  private Path folder;

  @BeforeEach
  void chooseFolder() {
    folder = run.resolve("checkpoints");
  }

  @Test
  void whatWasSavedComesBack() throws IOException {
    CheckpointState state =
        new CheckpointState(
            100,
            6_400,
            6_464,
            -42,
            OptionalLong.of(100),
            OptionalDouble.of(0.1 + 0.2),
            Optional.of(new CheckpointState.Best("tiles.zero_shot_top1", 0.1 + 0.2, 100)),
            Map.of("loss-scale", "65536", "note", "a \"quoted\"\nline"));
    store(3).save(new CheckpointContent(state, model(100), model(200)));

    CheckpointStore.Recovery recovery = store(3).newestValid();

    assertThat(recovery.rejected()).isEmpty();
    Checkpoint checkpoint = recovery.checkpoint().orElseThrow();
    assertThat(checkpoint.folder()).isEqualTo(folder.resolve("step-00000100"));
    assertThat(checkpoint.state()).isEqualTo(state);
    try (SafetensorsFile model = checkpoint.model();
        SafetensorsFile optimizer = checkpoint.optimizer()) {
      assertThat(model.floats("image.class-token")).containsExactly(100, 101);
      assertThat(optimizer.floats("image.class-token")).containsExactly(200, 201);
    }
  }

  @Test
  void aStateWithoutEvaluationComesBack() throws IOException {
    CheckpointState state = state(8, OptionalDouble.empty());
    store(1).save(content(state));

    assertThat(store(1).newestValid().checkpoint().orElseThrow().state()).isEqualTo(state);
  }

  @Test
  void anEmptyRunHasNoCheckpoint() throws IOException {
    assertThat(store(2).newestValid())
        .isEqualTo(new CheckpointStore.Recovery(Optional.empty(), List.of()));
    assertThat(store(2).best()).isEmpty();
  }

  @Test
  void theNewestAndTheBestStay() throws IOException {
    double[] scores = {0.1, 0.7, 0.3, 0.7, 0.2, 0.1};
    for (int i = 0; i < scores.length; i++) {
      store(2).save(content(state(100L * (i + 1), OptionalDouble.of(scores[i]))));
    }
    store(2).save(content(state(650, OptionalDouble.empty())));

    assertThat(store(2).steps()).containsExactly(200L, 600L, 650L);
    assertThat(store(2).best().orElseThrow().state().step()).isEqualTo(200);
  }

  @Test
  void aRunThatFellBackRemovesTheStepsItLeftBehind() throws IOException {
    store(3).save(content(state(100, OptionalDouble.of(0.5))));
    store(3).save(content(state(200, OptionalDouble.of(0.1))));
    store(3).save(content(state(300, OptionalDouble.of(0.9))));
    store(1).save(content(state(250, OptionalDouble.empty())));

    // 300 was the best, but belongs to a course that the run no longer takes.
    assertThat(store(1).steps()).containsExactly(100L, 250L);
  }

  @Test
  void savingAStepAgainReplacesIt() throws IOException {
    store(3).save(content(state(100, OptionalDouble.empty())));
    store(3).save(content(state(100, OptionalDouble.of(0.5))));

    assertThat(store(3).newestValid().checkpoint().orElseThrow().state().score()).hasValue(0.5);
    assertThat(folder.toFile().list()).containsExactly("step-00000100");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"model.safetensors", "optimizer.safetensors", "state.json", "manifest.json"})
  void damageToAnyFileFallsBackToTheOneBefore(String name) throws IOException {
    store(3).save(content(state(100, OptionalDouble.empty())));
    store(3).save(content(state(200, OptionalDouble.empty())));
    Path file = folder.resolve("step-00000200").resolve(name);
    byte[] whole = Files.readAllBytes(file);

    Files.delete(file);
    assertFallsBack(file);
    for (int length = 0; length < whole.length; length++) {
      // The last byte of the manifest is a newline, which carries nothing.
      if (!name.equals("manifest.json") || length < whole.length - 2) {
        Files.write(file, Arrays.copyOf(whole, length));
        assertFallsBack(file);
      }
    }
    if (!name.equals("manifest.json")) {
      for (int position = 0; position < whole.length; position++) {
        byte[] altered = whole.clone();
        altered[position] ^= 1;
        Files.write(file, altered);
        assertFallsBack(file);
      }
    }
    Files.write(file, whole);
    assertThat(store(3).newestValid().rejected()).isEmpty();
  }

  /// The moments are two thirds of all bytes, and no model needs them.
  @Test
  void aModelIsSoundWhateverTheMomentsHold() throws IOException {
    store(3).save(content(state(100, OptionalDouble.empty())));
    store(3).save(content(state(200, OptionalDouble.empty())));
    Path moments = folder.resolve("step-00000200/optimizer.safetensors");
    byte[] bytes = Files.readAllBytes(moments);
    bytes[bytes.length - 1] ^= 1;
    Files.write(moments, bytes);
    assertThat(newestStep(Checkpoint.Use.MODEL)).isEqualTo(200);
    assertThat(newestStep(Checkpoint.Use.TRAINING)).isEqualTo(100);

    Files.write(moments, Arrays.copyOf(bytes, bytes.length - 1));
    assertThat(newestStep(Checkpoint.Use.MODEL)).as("a file cut short").isEqualTo(100);
  }

  private long newestStep(Checkpoint.Use use) throws IOException {
    return store(3).newestSound(use).checkpoint().orElseThrow().state().step();
  }

  private void assertFallsBack(Path damaged) throws IOException {
    CheckpointStore.Recovery recovery = store(3).newestValid();
    assertThat(recovery.checkpoint().orElseThrow().state().step()).isEqualTo(100);
    assertThat(recovery.rejected()).hasSize(1);
    assertThat(recovery.rejected().getFirst()).startsWith(damaged + ": ").doesNotContain("\n");
  }

  @Test
  void alteredBitsOfAManifestNeverBringWrongContents() throws IOException {
    store(3).save(content(state(100, OptionalDouble.empty())));
    store(3).save(content(state(200, OptionalDouble.empty())));
    Path file = folder.resolve("step-00000200").resolve("manifest.json");
    byte[] whole = Files.readAllBytes(file);
    for (int position = 0; position < whole.length; position++) {
      byte[] altered = whole.clone();
      altered[position] ^= 1;
      Files.write(file, altered);
      // Harmless where only "created" or "eosin" changes.
      Checkpoint found = store(3).newestValid().checkpoint().orElseThrow();
      assertThat(found.state().step()).isIn(100L, 200L);
      assertThat(found.folder()).endsWithRaw(Path.of("step-%08d".formatted(found.state().step())));
    }
  }

  @Test
  void aManifestOfAnotherVersionOrFormatIsRefused() throws IOException {
    store(3).save(content(state(100, OptionalDouble.empty())));
    Path file = folder.resolve("step-00000100").resolve("manifest.json");
    String whole = Files.readString(file);

    Files.writeString(file, whole.replace("\"version\" : 1", "\"version\" : 2"));
    assertThat(store(3).newestValid().rejected())
        .containsExactly(
            file + ": has format version 2, this Eosin reads 1; it was written by Eosin 0.1.0");
    Files.writeString(file, whole.replace("eosin-checkpoint", "other"));
    assertThat(store(3).newestValid().rejected())
        .containsExactly(file + ": is not the manifest of an Eosin checkpoint");
    Files.writeString(file, whole.replace("model.safetensors", "../model.safetensors"));
    assertThat(store(3).newestValid().checkpoint()).isEmpty();
  }

  @Test
  void aPowerCutAfterAnyStepLeavesTheOldOrTheNewCheckpoint() throws IOException {
    long last = 0;
    FaultyDisk disk;
    do {
      Path checkpoints = run.resolve("cut-" + last);
      CheckpointStore before = store(checkpoints);
      before.save(content(state(100, OptionalDouble.of(0.9))));
      before.save(content(state(200, OptionalDouble.of(0.8))));
      disk = new FaultyDisk(FaultyDisk.Mode.POWER_CUT, last);
      CheckpointStore dying = store(disk, checkpoints);
      try {
        dying.save(content(state(300, OptionalDouble.of(0.7))));
      } catch (FaultyDisk.PowerCut e) {
        assertThat(disk.hasFailed()).isTrue();
      }

      CheckpointStore after = store(checkpoints);
      CheckpointStore.Recovery recovery = after.newestValid();
      assertThat(recovery.rejected()).as("cut after step %d", last).isEmpty();
      assertThat(recovery.checkpoint().orElseThrow().state().step()).isIn(200L, 300L);
      assertThat(after.best().orElseThrow().state().step()).isEqualTo(100);
      assertThat(checkpoints.toFile().list()).allMatch(name -> name.startsWith("step-"));
      // The run goes on.
      after.save(content(state(300, OptionalDouble.of(0.7))));
      assertThat(after.steps()).containsExactly(100L, 300L);
      last++;
    } while (disk.hasFailed());
    assertThat(last).isGreaterThan(20);
  }

  @Test
  void aPowerCutWhileReplacingAStepLeavesOneOfBoth() throws IOException {
    long last = 0;
    FaultyDisk disk;
    do {
      Path checkpoints = run.resolve("cut-" + last);
      store(checkpoints).save(content(state(100, OptionalDouble.of(0.1))));
      disk = new FaultyDisk(FaultyDisk.Mode.POWER_CUT, last);
      try {
        store(disk, checkpoints).save(content(state(100, OptionalDouble.of(0.2))));
      } catch (FaultyDisk.PowerCut e) {
        assertThat(disk.hasFailed()).isTrue();
      }

      CheckpointStore.Recovery recovery = store(checkpoints).newestValid();
      assertThat(recovery.rejected()).isEmpty();
      assertThat(recovery.checkpoint().orElseThrow().state().score().orElseThrow()).isIn(0.1, 0.2);
      last++;
    } while (disk.hasFailed());
    assertThat(last).isGreaterThan(20);
  }

  @Test
  void aFullDiskAtAnyStepLeavesTheOlderCheckpointsAndNoPartialFiles() throws IOException {
    long last = 0;
    FaultyDisk disk;
    boolean refused;
    do {
      Path checkpoints = run.resolve("full-" + last);
      store(checkpoints).save(content(state(100, OptionalDouble.empty())));
      disk = new FaultyDisk(FaultyDisk.Mode.FULL, last);
      CheckpointStore full = store(disk, checkpoints);
      refused = false;
      try {
        full.save(content(state(200, OptionalDouble.empty())));
      } catch (DataException e) {
        refused = true;
        assertThat(e)
            .hasMessageStartingWith(checkpoints.resolve("step-00000200").toString())
            .hasMessageEndingWith("cannot be written: No space left on device");
      }

      assertThat(checkpoints.toFile().list())
          .containsExactly(refused ? "step-00000100" : "step-00000200");
      assertThat(store(checkpoints).newestValid().checkpoint()).isPresent();
      last++;
    } while (refused || disk.hasFailed());
    assertThat(last).isGreaterThan(10);
  }

  @Test
  void theDeviceThatIsAlwaysFullIsReported() {
    Path full = Path.of("/dev/full");
    assumeTrue(Files.exists(full), "this system has no /dev/full; run on Linux");

    assertThatThrownBy(
            () -> {
              try (Disk.SyncedOutput out = Disk.REAL.create(full)) {
                out.write("a".getBytes(StandardCharsets.UTF_8));
                out.sync();
              }
            })
        .isInstanceOf(IOException.class)
        .hasMessageContaining("No space left on device");
  }

  @Test
  void keepingNoneIsRefused() {
    assertThatThrownBy(() -> store(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at least one");
  }

  private CheckpointStore store(int keep) {
    return new CheckpointStore(folder, keep, "0.1.0");
  }

  /// On a disk without faults, which does not wait for the real one.
  private static CheckpointStore store(Path checkpoints) {
    return store(new FaultyDisk(FaultyDisk.Mode.POWER_CUT, Long.MAX_VALUE), checkpoints);
  }

  private static CheckpointStore store(Disk disk, Path checkpoints) {
    return new CheckpointStore(disk, checkpoints, 1, "0.1.0");
  }

  private static CheckpointContent content(CheckpointState state) {
    return new CheckpointContent(state, model((float) state.step()), model(-(float) state.step()));
  }

  private static CheckpointState state(long step, OptionalDouble score) {
    return new CheckpointState(
        step, step * 64, step * 64, 42, OptionalLong.empty(), score, Optional.empty(), Map.of());
  }

  private static SafetensorsWriter model(float value) {
    return new SafetensorsWriter(Map.of())
        .add("image.class-token", TensorData.of(new float[] {value, value + 1}, 2));
  }
}
