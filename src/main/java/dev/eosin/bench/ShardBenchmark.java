package dev.eosin.bench;

import dev.eosin.config.DataException;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.WebDatasetFields;
import dev.eosin.data.settings.WebDatasetSettings;
import dev.eosin.data.shard.ShardWriter;
import dev.eosin.file.AtomicFile;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import org.apache.commons.io.file.PathUtils;

/// Speed of decoding and resizing from a tar shard beside the same images in single files, in
/// alternating rounds.
///
/// @param inputs says how many images, threads and rounds
public record ShardBenchmark(InputBenchmark inputs) {
  /// Writes the images twice into a temporary folder and measures.
  ///
  /// @param folder with images, searched to the bottom; synthetic 1024 px JPEGs without it
  /// @param image size of the input, and how JPEGs are decoded
  public String measure(Optional<Path> folder, ImageSettings image) throws IOException {
    List<byte[]> images = InputBenchmark.images(folder);
    Path place = Files.createTempDirectory("eosin-bench");
    try {
      write(place, images);
      return compare(place, image, folder);
    } finally {
      PathUtils.deleteDirectory(place);
    }
  }

  private void write(Path place, List<byte[]> images) throws IOException {
    AtomicFile.write(
        place.resolve("images.tar"),
        out -> {
          ShardWriter shard = new ShardWriter(out);
          for (int i = 0; i < inputs.batch(); i++) {
            byte[] bytes = images.get(i % images.size());
            Files.write(file(place, i), bytes);
            shard.add("%06d.jpg".formatted(i), bytes);
            shard.add("%06d.txt".formatted(i), "A caption.".getBytes(StandardCharsets.UTF_8));
          }
          shard.finish();
        });
  }

  private static Path file(Path place, int index) {
    return place.resolve("%06d.jpg".formatted(index));
  }

  private String compare(Path place, ImageSettings image, Optional<Path> folder)
      throws IOException {
    ImageDecoder decoder = image.decoder();
    TileTransform transform = image.transforms().evaluation();
    Source shard = Sources.open(settings(place.resolve("images.tar")), decoder);
    IntConsumer fromFiles =
        index -> decode(EncodedImage.file(file(place, index), decoder), transform);
    IntConsumer fromShard = index -> decode(shard.get(index).image(), transform);
    double[] files = new double[inputs.steps()];
    double[] shards = new double[inputs.steps()];
    double[] ratios = new double[inputs.steps()];
    try (ExecutorService pool = Executors.newFixedThreadPool(inputs.threads())) {
      inputs.step(pool, fromFiles);
      inputs.step(pool, fromShard);
      for (int round = 0; round < ratios.length; round++) {
        files[round] = rate(pool, fromFiles);
        shards[round] = rate(pool, fromShard);
        ratios[round] = shards[round] / files[round];
      }
    }
    Map<String, Object> settings = new LinkedHashMap<>(inputs.settings(folder, inputs.batch()));
    settings.put("size", image.size().toString());
    return new BenchmarkResult("shards")
        .rates("shard_images_per_s", shards)
        .with("file_images_per_s", median(files))
        .with("shard_over_file", median(ratios))
        .settings(settings)
        .line();
  }

  private double rate(ExecutorService pool, IntConsumer sample) {
    long started = System.nanoTime();
    inputs.step(pool, sample);
    return inputs.batch() / ((System.nanoTime() - started) / 1e9);
  }

  private static void decode(Sample.ImageReader image, TileTransform transform) {
    RandomStream random = new RandomKey(0).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    try {
      byte[] planes = new byte[3 * transform.height() * transform.width()];
      transform.apply(image.read(), random).writePlanar(planes, 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static WebDatasetSettings settings(Path shard) throws DataException {
    WebDatasetFields none =
        new WebDatasetFields(List.of(), Optional.empty(), Optional.empty(), Optional.empty());
    return new WebDatasetSettings(
        shard.toString(),
        none,
        false,
        Map.of(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        false);
  }

  private static double median(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    return sorted[sorted.length / 2];
  }
}
