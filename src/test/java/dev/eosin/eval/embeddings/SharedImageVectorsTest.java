package dev.eosin.eval.embeddings;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.RankShare;
import dev.eosin.group.Group;
import dev.eosin.group.LocalRanks;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Ranks share images, and each has all of their vectors.
class SharedImageVectorsTest {
  private static final Engine ENGINE = Engine.start(Device.CPU, 1);
  private static final int TILES = 23;
  private static final int BATCH = 4;
  private static final int SIDE = 8;
  private static final int BROKEN = 5;

  @TempDir private Path tiles;

  /// Means of colours, of full batches alone.
  private record Means(AtomicInteger batches) implements ImageTextEmbedder {
    @Override
    public float[][] embedImages(byte[] images, int count) {
      assertThat(count).isEqualTo(BATCH);
      batches.incrementAndGet();
      float[][] means = new float[count][3];
      for (int i = 0; i < images.length; i++) {
        means[i / (3 * SIDE * SIDE)][i / (SIDE * SIDE) % 3] += (images[i] & 0xff) / 61f;
      }
      return means;
    }

    @Override
    public float[][] embedTexts(List<String> texts) {
      throw new IllegalStateException("there are none");
    }
  }

  @BeforeEach
  void draw() throws IOException {
    for (int i = 0; i < TILES; i++) {
      byte[] pixels = new byte[3 * 12 * 10];
      Arrays.fill(pixels, (byte) (7 * i + 1));
      Files.write(tile(i), Png.encode(new RgbImage(12, 10, pixels)));
    }
    Files.writeString(tile(BROKEN), "no image");
  }

  private Path tile(int number) {
    return tiles.resolve("t%02d.png".formatted(number));
  }

  private Optional<ImageVectors> read(Group group, int images, Means model, BooleanSupplier stop)
      throws IOException {
    var decoder = new ImageDecoder();
    ListedImages listed = ListedImages.open(tiles, ListedImages.Columns.GUESSED, decoder);
    ImageFeed feed =
        ImageFeed.of(listed, decoder, EvaluationTransform.openClip(SIDE, SIDE), Optional.empty());
    long[] rows = LongStream.range(0, images).map(place -> TILES - 1 - place).toArray();
    return new SharedImageVectors(new RankShare(group, ENGINE), BATCH, 2)
        .read(feed, rows, model, done -> {}, stop);
  }

  /// Of one image most ranks have none, of 23 some have a batch less.
  @ParameterizedTest
  @ValueSource(ints = {1, 8, TILES})
  void everyRankHasTheVectorsOfAProcessAlone(int images) throws Exception {
    ImageVectors alone =
        read(Group.ALONE, images, new Means(new AtomicInteger()), () -> false).orElseThrow();
    assertThat(alone.vectors()).hasDimensions(images == TILES ? images - 1 : images, 3);
    var batches = new AtomicInteger();
    for (ImageVectors rank :
        LocalRanks.run(
            3, group -> read(group, images, new Means(batches), () -> false).orElseThrow())) {
      assertThat(rank.vectors()).isDeepEqualTo(alone.vectors());
      assertThat(rank.failed()).isEqualTo(alone.failed());
      assertThat(rank.seen()).isEqualTo(alone.seen());
    }
    assertThat(batches).as("each is embedded once").hasValue(Math.ceilDiv(images, BATCH));
  }

  /// The last rank is asked at its first batch, or when the others have had theirs.
  @Test
  void oneRankThatIsAskedToStopStopsAll() throws Exception {
    for (int images : new int[] {BATCH, TILES}) {
      for (Optional<ImageVectors> rank :
          LocalRanks.run(
              3,
              group ->
                  read(group, images, new Means(new AtomicInteger()), () -> group.rank() == 2))) {
        assertThat(rank).isEmpty();
      }
    }
  }
}
