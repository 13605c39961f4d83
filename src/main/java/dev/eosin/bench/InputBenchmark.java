package dev.eosin.bench;

import dev.eosin.config.DataException;
import dev.eosin.data.synthetic.SyntheticTiles;
import dev.eosin.image.Png;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.formats.TurboJpeg;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.text.ClipTokenizer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.function.IntConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/// Speed of what happens to a sample before the model: decoding and tokenising.
///
/// @param batch samples in a step
/// @param threads that share a step
/// @param steps timed, after one that is not
public record InputBenchmark(int batch, int threads, int steps) {
  /// Side of the synthetic JPEGs, in pixels; the usual tile of published data sets is no larger.
  private static final int TILE = 1024;

  /// Of 1: 90 in the scale of most encoders.
  private static final float JPEG_QUALITY = 0.9f;

  private static final int SYNTHETIC_SAMPLES = 8;
  private static final int MOST_FILES = 256;
  private static final Predicate<Path> IMAGE =
      file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(jpe?g|png|tiff?|webp)");

  /// Decodes images that lie in memory and makes them the image tower's input as evaluation does,
  /// normalised.
  ///
  /// @param folder with images, searched to the bottom; synthetic 1024 px JPEGs without it
  /// @param image size of the input, and how JPEGs are decoded
  public String decode(Optional<Path> folder, ImageSettings image) throws IOException {
    List<byte[]> files = images(folder);
    ImageDecoder decoder = image.decoder();
    TileTransform transform = image.transforms().evaluation();
    RandomStream random = new RandomKey(0).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    Normalisation normalisation = image.normalisation();
    Measured measured =
        measure(
            sample -> {
              try {
                byte[] bytes = files.get(sample % files.size());
                byte[] planes = new byte[3 * transform.height() * transform.width()];
                Raster decoded = decoder.decode(bytes, "image " + sample);
                transform.apply(decoded, random).writePlanar(planes, 0);
                normalisation.apply(planes);
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    Map<String, Object> settings = settings(folder, files.size());
    settings.put("size", image.size().toString());
    settings.put("jpeg_decode", image.jpegDecode().toString());
    settings.put("libturbojpeg", decoder.jpeg().library().map(TurboJpeg::version).orElse("none"));
    return new BenchmarkResult("decode")
        .rates("images_per_s", measured.rates)
        .with("cpu_ms_per_image", measured.cpuMillis())
        .settings(settings)
        .line();
  }

  /// Tokenises captions with CLIP's tokenizer, clean-up included.
  ///
  /// @param file with a caption a line; synthetic captions without it
  /// @param contextLength to cut to, in tokens
  public String tokenize(Optional<Path> file, int contextLength) throws IOException {
    List<String> captions = file.isPresent() ? Files.readAllLines(file.get()) : syntheticCaptions();
    ClipTokenizer tokenizer = ClipTokenizer.load();
    Measured measured =
        measure(sample -> tokenizer.encode(captions.get(sample % captions.size()), contextLength));
    double tokens = captions.stream().mapToInt(tokenizer::untruncatedLength).average().orElse(0);
    Map<String, Object> settings = settings(file, captions.size());
    settings.put("context_length", contextLength);
    return new BenchmarkResult("tokenize")
        .rates("captions_per_s", measured.rates)
        .with("tokens_per_caption", tokens)
        .settings(settings)
        .line();
  }

  /// @param rates of each step, in samples per second
  /// @param cpuNanos that all threads spent on each step, the first one included
  @SuppressWarnings("ArrayRecordComponent") // read once, where it is made
  private record Measured(double[] rates, List<Long> cpuNanos, int batch) {
    /// Of one sample, in the median step.
    double cpuMillis() {
      List<Long> sorted = cpuNanos.stream().skip(1).sorted().toList();
      return sorted.get(sorted.size() / 2) / 1e6 / batch;
    }
  }

  private Measured measure(IntConsumer sample) {
    List<Long> cpuNanos = new ArrayList<>();
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      double[] rates = Rates.measure(batch, steps, () -> cpuNanos.add(step(pool, sample)));
      return new Measured(rates, cpuNanos, batch);
    }
  }

  /// Handles every sample of a batch once.
  ///
  /// @return the processor time of all threads, in nanoseconds
  long step(ExecutorService pool, IntConsumer sample) {
    List<CompletableFuture<Long>> shares =
        IntStream.range(0, threads)
            .mapToObj(worker -> CompletableFuture.supplyAsync(() -> share(worker, sample), pool))
            .toList();
    return shares.stream().mapToLong(CompletableFuture::join).sum();
  }

  /// The processor time of this thread's share, in nanoseconds.
  private long share(int worker, IntConsumer sample) {
    ThreadMXBean thread = ManagementFactory.getThreadMXBean();
    long started = thread.getCurrentThreadCpuTime();
    for (int i = worker; i < batch; i += threads) {
      sample.accept(i);
    }
    return thread.getCurrentThreadCpuTime() - started;
  }

  /// What the benchmark was run with.
  ///
  /// @param input files that were read; synthetic samples without it
  Map<String, Object> settings(Optional<Path> input, int samples) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("input", input.map(Path::toString).orElse("synthetic"));
    settings.put("samples", samples);
    settings.put("batch", batch);
    settings.put("threads", threads);
    settings.put("steps", steps);
    return settings;
  }

  /// Encoded images from a folder, synthetic ones without it.
  static List<byte[]> images(Optional<Path> folder) throws IOException {
    return folder.isPresent() ? files(folder.get()) : syntheticFiles();
  }

  private static List<byte[]> files(Path folder) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path file : found.filter(IMAGE).sorted().limit(MOST_FILES).toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
    if (files.isEmpty()) {
      throw new DataException(folder + ": holds no .jpg, .jpeg, .png, .tif or .webp file");
    }
    return files;
  }

  private static List<byte[]> syntheticFiles() throws IOException {
    SyntheticTiles tiles = new SyntheticTiles(new RandomKey(0), 0, TILE);
    List<byte[]> files = new ArrayList<>();
    for (int i = 0; i < SYNTHETIC_SAMPLES; i++) {
      files.add(jpeg(tiles.draw(i)));
    }
    return files;
  }

  private static List<String> syntheticCaptions() {
    SyntheticTiles tiles = new SyntheticTiles(new RandomKey(0), 0, TILE);
    return IntStream.range(0, 1000).mapToObj(i -> tiles.captions(i).getFirst()).toList();
  }

  private static byte[] jpeg(RgbImage tile) throws IOException {
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(Png.encode(tile)));
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ImageWriteParam quality = writer.getDefaultWriteParam();
    quality.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
    quality.setCompressionQuality(JPEG_QUALITY);
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), quality);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
