package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.SafetensorsWriter;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.train.DivergedException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Damaged checkpoints, disks that refuse to be written, and models that break.
class FaultsTest {
  @TempDir static Path home;
  private static SmallRun uninterrupted;

  enum Damage {
    FLIPPED_BYTE,
    TRUNCATED,
    NO_MANIFEST;

    void to(Path checkpoint) throws IOException {
      Path model = checkpoint.resolve("model.safetensors");
      switch (this) {
        case FLIPPED_BYTE -> {
          byte[] bytes = Files.readAllBytes(model);
          bytes[bytes.length / 2] ^= 1;
          Files.write(model, bytes);
        }
        case TRUNCATED -> {
          byte[] bytes = Files.readAllBytes(model);
          Files.write(model, Arrays.copyOf(bytes, bytes.length - 1));
        }
        case NO_MANIFEST -> Files.delete(checkpoint.resolve("manifest.json"));
      }
    }
  }

  @BeforeAll
  static void trainInOneGo() throws IOException {
    uninterrupted = SmallRun.in(home.resolve("uninterrupted"));
    uninterrupted.train();
  }

  /// Checkpoints of steps 5 and 8.
  private static SmallRun stoppedAtEight(Path place) throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    run.train(8, new SmallRun.Notes());
    assertThat(run.checkpointSteps()).contains(5L, 8L);
    return run;
  }

  @ParameterizedTest
  @EnumSource
  void aDamagedNewestCheckpointIsPassedOver(Damage damage, @TempDir Path place) throws IOException {
    SmallRun run = stoppedAtEight(place);
    damage.to(run.checkpoint(8));
    var notes = new SmallRun.Notes();
    run.train(SmallRun.TO_THE_END, notes);
    assertThat(notes.all())
        .anyMatch(note -> note.contains("damaged") && note.contains("step-00000008"))
        .contains("resuming after step 5");
    run.assertEndedLike(uninterrupted);
  }

  @Test
  void whereEveryCheckpointIsDamagedNothingIsStartedOrDeleted(@TempDir Path place)
      throws IOException {
    SmallRun run = stoppedAtEight(place);
    for (long step : run.checkpointSteps()) {
      Damage.TRUNCATED.to(run.checkpoint(step));
    }
    String log = Files.readString(run.folder().resolve("log.jsonl"));
    assertThatThrownBy(run::train)
        .isInstanceOf(DataException.class)
        .hasMessageContaining("no checkpoint is sound")
        .hasMessageContaining("step-00000005")
        .hasMessageContaining("step-00000008")
        .hasMessageContaining("--fresh");
    assertThat(run.checkpoint(5).resolve("state.json")).exists();
    assertThat(run.checkpoint(8).resolve("state.json")).exists();
    assertThat(run.folder().resolve("log.jsonl")).hasContent(log);
  }

  @Test
  void aFolderThatCannotBeWrittenEndsTheRunAndLeavesTheOlderCheckpoints(@TempDir Path place)
      throws IOException {
    SmallRun run = stoppedAtEight(place);
    Path checkpoints = run.folder().resolve("checkpoints");
    Path aside = place.resolve("aside");
    // The run's own messages are the only hook into its middle: it says that it resumes when the
    // checkpoint has been read.
    var notes =
        new SmallRun.Notes() {
          @Override
          void told(String message) throws IOException {
            if (message.startsWith("resuming")) {
              Files.move(checkpoints, aside);
              Files.writeString(checkpoints, "in the way");
            }
          }
        };
    assertThatThrownBy(() -> run.train(SmallRun.TO_THE_END, notes))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(checkpoints.toString())
        .hasMessageContaining("not a folder");
    Files.delete(checkpoints);
    Files.move(aside, checkpoints);
    assertThat(run.checkpointSteps()).contains(5L, 8L);

    run.train();
    run.assertEndedLike(uninterrupted);
  }

  @Test
  void weightsThatAreNotFiniteAreFoundWhenTheyAreRead(@TempDir Path place) throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    Path weights = broken(place, Float.NaN);
    assertThatThrownBy(() -> run.train("model.weights={type: eosin, path: %s}".formatted(weights)))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(weights + ": every embedding of these weights would be NaN")
        .hasMessageContaining("1 of its tensors holds")
        .hasMessageContaining("\n  image.projection: ")
        .hasMessageContaining(" NaN of ");
    assertThat(run.checkpointSteps()).isEmpty();
  }

  /// No rate has changed a weight before the first update: the advice is another.
  @Test
  void aLossThatIsNotFiniteStopsTheRunBeforeTheUpdate(@TempDir Path place) throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    String[] overrides = {
      "model.weights={type: eosin, path: %s}".formatted(broken(place, Float.MAX_VALUE)),
      "evaluate=[]"
    };
    assertThatThrownBy(() -> run.train(overrides))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("step 1: the loss is nan")
        .hasMessageContaining("Rows: synthetic")
        .hasMessageContaining("optimizer.lr is not the cause: use precision: fp32")
        .hasMessageNotContaining("Lower optimizer.lr");
    assertThat(run.checkpointSteps()).isEmpty();
    assertThat(run.lastLoggedStep()).isZero();
  }

  @Test
  void anEvaluationOfABrokenModelStopsTheRun(@TempDir Path place) throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    String weights =
        "model.weights={type: eosin, path: %s}".formatted(broken(place, Float.MAX_VALUE));
    assertThatThrownBy(() -> run.train(weights))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("evaluation after step 0: an embedding is not finite");
    assertThat(run.checkpointSteps()).isEmpty();
  }

  /// Where noise was written over tiles and a tile is gone, in the middle of a run, it goes on.
  @Test
  void tilesThatTurnToNoiseOrVanishInMidRunDoNotEndIt(@TempDir Path place) throws IOException {
    Path tiles = place.resolve("tiles");
    writeTiles(tiles, 24);
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    String[] overrides = {
      "data.train={type: folder, path: %s, templates: [\"{} in H&E.\"]}".formatted(tiles),
      "data.bad-rows.limit=50 %",
      "evaluate=[]"
    };
    run.train(4, new SmallRun.Notes(), overrides);
    List<String> told = new ArrayList<>();
    var notes =
        new SmallRun.Notes() {
          @Override
          void told(String message) throws IOException {
            told.add(message);
            if (message.startsWith("resuming")) {
              Files.delete(tiles.resolve("b/3.png"));
              for (int tile = 0; tile < 12; tile++) {
                byte[] noise = new byte[3 * 32 * 32];
                new Random(tile).nextBytes(noise);
                Files.write(
                    tiles.resolve("a/" + tile + ".png"), Png.encode(new RgbImage(32, 32, noise)));
              }
            }
          }
        };
    run.train(SmallRun.TO_THE_END, notes, overrides);
    assertThat(run.lastLoggedStep()).isEqualTo(SmallRun.LENGTH);
    assertThat(run.rows()).allSatisfy(row -> assertThat(row.get("loss").isNumber()).isTrue());
    assertThat(run.folder().resolve("bad-rows.jsonl")).content().contains("b/3.png");
    assertThat(told)
        .anyMatch(note -> note.contains("could not be read and were replaced; they are listed in"));
  }

  private static void writeTiles(Path folder, int count) throws IOException {
    var settings = new SyntheticSettings(count, SyntheticSettings.Split.TRAIN, new Pixels(32), 0);
    Source drawn = Sources.open(settings, new ImageDecoder());
    for (int tile = 0; tile < count; tile++) {
      Path file = folder.resolve(tile % 2 == 0 ? "a" : "b").resolve(tile / 2 + ".png");
      Files.createDirectories(file.getParent());
      Files.write(file, Png.encode(drawn.get(tile).image().read().toRgb()));
    }
  }

  private static Path broken(Path place, float value) throws IOException {
    Path file = place.resolve("broken.safetensors");
    SafetensorsWriter writer = new SafetensorsWriter(Map.of());
    try (SafetensorsFile sound =
        SafetensorsFile.open(uninterrupted.newestCheckpoint().resolve("model.safetensors"))) {
      for (String name : sound.names()) {
        float[] values = sound.entry(name).floats();
        if (name.equals("image.projection")) {
          Arrays.fill(values, value);
        }
        writer.add(name, TensorData.of(values, sound.entry(name).dimensions()));
      }
      AtomicFile.write(file, writer);
    }
    return file;
  }

  @Test
  void aRateFarTooLargeStopsTheRunAndTheLastCheckpointIsFinite(@TempDir Path place)
      throws IOException {
    SmallRun run = uninterrupted.copyTo(place.resolve("run"));
    String[] overrides = {"optimizer.lr=1.0e+39", "evaluate=[]", "output.checkpoint-every=1 steps"};
    run.train(0, new SmallRun.Notes(), overrides);
    assertThatThrownBy(() -> run.train(overrides))
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("step 1: the weights are not finite")
        .hasMessageContaining("Rows of the last step: synthetic");
    assertThat(run.checkpointSteps()).containsExactly(0L);
    try (SafetensorsFile kept =
        SafetensorsFile.open(run.checkpoint(0).resolve("model.safetensors"))) {
      for (float value : kept.entry("image.projection").floats()) {
        assertThat(value).isFinite();
      }
    }
  }
}
