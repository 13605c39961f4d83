package dev.eosin.features;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.config.ByteSize;
import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.file.Disk;
import dev.eosin.file.FaultyDisk;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A tower of arithmetic: each image's features are a third of its first bytes.
class StoredFeaturesTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final int SIDE = 2;
  private static final int TOKENS = 2;
  private static final int WIDTH = 3;

  @TempDir private Path folder;

  private record Thirds(List<Integer> seen) implements TowerFeatures {
    @Override
    public Tensor states(BatchImages images, int... which) {
      float[] values = new float[which.length * TOKENS * WIDTH];
      for (int i = 0; i < values.length; i++) {
        int image = which[i / (TOKENS * WIDTH)];
        values[i] = images.pixels().get(image * 3L * SIDE * SIDE + i % (TOKENS * WIDTH)) / 3f;
      }
      Arrays.stream(which).forEach(seen::add);
      return ENGINE.of(values, which.length, TOKENS, WIDTH);
    }

    @Override
    public void close() {}
  }

  private static FeatureContents contents(FeatureType type) {
    return new FeatureContents(
        "abc", "thirds", 1, TOKENS, WIDTH, "FLOAT32", Normalisation.OPENAI, type);
  }

  private static BatchImages images(int... firsts) {
    int bytes = 3 * SIDE * SIDE;
    byte[] pixels = new byte[firsts.length * bytes];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (firsts[i / bytes] + i % bytes);
    }
    int[] rows = new int[firsts.length];
    Arrays.setAll(rows, i -> i);
    return new BatchImages(pixels, SIDE, SIDE, rows);
  }

  private float[] states(Thirds tower, FeatureStore store, BatchImages images, int... which) {
    var features = new StoredFeatures(tower, store, ENGINE, DType.FLOAT32);
    try (Tensor states = features.states(images, which)) {
      assertThat(states.shape()).containsExactly(which.length, TOKENS, WIDTH);
      return states.toFloats();
    }
  }

  @Test
  void aSecondEpochAsksNothingOfTheTower() {
    for (FeatureType type : FeatureType.values()) {
      Thirds tower = new Thirds(new ArrayList<>());
      FeatureStore store = FeatureStore.in(folder, contents(type));
      BatchImages images = images(10, 40, 10, 70);
      float[] first = states(tower, store, images, 0, 1, 2);
      assertThat(tower.seen()).as("an image that is there twice").containsExactly(0, 1);
      float[] both = states(tower, store, images, 3, 1);
      assertThat(tower.seen()).containsExactly(0, 1, 3);
      tower.seen().clear();
      assertThat(states(tower, store, images, 0, 1, 2)).isEqualTo(first);
      assertThat(states(tower, store, images, 3, 1)).isEqualTo(both);
      assertThat(tower.seen()).isEmpty();
      float rounding =
          switch (type) {
            case FP32 -> 0;
            case FP16 -> 1e-2f;
            case BF16 -> 1e-1f;
          };
      for (int i = 0; i < TOKENS * WIDTH; i++) {
        assertThat(both[i]).isCloseTo((70 + i) / 3f, within(rounding));
        assertThat(first[i]).isEqualTo(first[2 * TOKENS * WIDTH + i]);
      }
    }
  }

  @Test
  void otherContentsLieInAFolderOfTheirOwn() throws IOException {
    Thirds tower = new Thirds(new ArrayList<>());
    for (FeatureType type : FeatureType.values()) {
      states(tower, FeatureStore.in(folder, contents(type)), images(1, 2), 0, 1);
    }
    assertThat(tower.seen()).hasSize(6);
    try (Stream<Path> folders = Files.list(folder)) {
      for (Path each : folders.toList()) {
        assertThat(each.resolve(FeatureStore.DESCRIPTION)).content().contains("weights: abc");
      }
    }
    assertThat(FeatureStore.in(folder, contents(FeatureType.BF16)).count()).isEqualTo(2);
  }

  @Test
  void aPowerCutLeavesAnImagesFeaturesWholeOrNone() throws IOException {
    BatchImages images = images(5, 50);
    float[] expected =
        states(
            new Thirds(new ArrayList<>()),
            FeatureStore.in(folder.resolve("whole"), contents(FeatureType.FP32)),
            images,
            0,
            1);
    boolean failed = true;
    for (int last = 0; failed; last++) {
      Path own = folder.resolve("cut" + last);
      FeatureContents contents = contents(FeatureType.FP32);
      var disk = new FaultyDisk(FaultyDisk.Mode.POWER_CUT, last);
      var store = new FeatureStore(own, contents, disk);
      try {
        states(new Thirds(new ArrayList<>()), store, images, 0, 1);
      } catch (FaultyDisk.PowerCut gone) {
        assertThat(gone).isNotNull();
      }
      failed = disk.hasFailed();
      var again = new FeatureStore(own, contents, Disk.REAL);
      long there = again.count();
      Thirds tower = new Thirds(new ArrayList<>());
      assertThat(states(tower, again, images, 0, 1)).isEqualTo(expected);
      assertThat(tower.seen()).hasSize((int) (2 - there));
    }
  }

  @Test
  void aFullDiskIsSaidAndLeavesNothing() throws IOException {
    Path own = folder.resolve("full");
    var disk = new FaultyDisk(FaultyDisk.Mode.FULL, 2);
    var store = new FeatureStore(own, contents(FeatureType.FP32), disk);
    assertThatThrownBy(() -> states(new Thirds(new ArrayList<>()), store, images(1), 0))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("features cannot be kept: No space left on device");
    assertThat(store.count()).isZero();
    try (Stream<Path> files = Files.walk(own)) {
      assertThat(files.map(Path::toString)).noneMatch(name -> name.endsWith(".partial"));
    }
  }

  @Test
  void aFileOfAnotherMakingIsNamed() throws IOException {
    FeatureStore store = FeatureStore.in(folder, contents(FeatureType.FP32));
    states(new Thirds(new ArrayList<>()), store, images(1), 0);
    Path file;
    try (Stream<Path> files = Files.walk(folder)) {
      file =
          files.filter(each -> each.toString().endsWith(".safetensors")).findFirst().orElseThrow();
    }
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 40));
    assertThatThrownBy(() -> states(new Thirds(new ArrayList<>()), store, images(1), 0))
        .hasMessageContaining(file.toString())
        .hasMessageContaining("remove the file, they are computed anew");
  }

  @Test
  void theRoomIsKnownBeforeARunBegins() throws DataException {
    var contents =
        new FeatureContents(
            "w", "eva", 39, 257, 1408, "FLOAT16", Normalisation.OPENAI, FeatureType.FP16);
    assertThat(contents.bytes()).isEqualTo(723_712);
    var settings = new FeatureCacheSettings(folder, FeatureType.FP16, ByteSize.parse("300 GB"));
    FeatureDemand demand = FeatureDemand.of(settings, contents, 438_000);
    assertThat(demand.line())
        .contains("438,000 images of 723,712 bytes (257 x 1408 in fp16) are 316.99 GB")
        .contains("limit 300 GB; features of 0 images are there");
    assertThatThrownBy(() -> demand.requireRoom("model.tower.cache"))
        .hasMessageContaining("model.tower.cache.limit: 300 GB is too little");
    var endless = new FeatureCacheSettings(folder, FeatureType.FP16, ByteSize.parse("900000 TB"));
    FeatureDemand beyond = FeatureDemand.of(endless, contents, 1_000_000_000_000L);
    assertThatThrownBy(() -> beyond.requireRoom("model.tower.cache"))
        .hasMessageContaining("more are needed and");
    FeatureDemand.of(endless, contents, 1).requireRoom("model.tower.cache");
  }

  @Test
  void featuresOfWhatChangesAreNotKept() {
    InputSize size = new InputSize(new Pixels(32), new Pixels(32));
    ImageSettings cropped = ImageSettings.openClip(size);
    assertThat(FeatureCacheSettings.obstacle("model.tower.cache", cropped, true).orElseThrow())
        .contains("crop-scale [0.9, 1.0]")
        .contains("leave model.tower.cache out");
    assertThat(FeatureCacheSettings.obstacle("model.tower.cache", cropped, false).orElseThrow())
        .contains("a tower that is trained");
  }
}
