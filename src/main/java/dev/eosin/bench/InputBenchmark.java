package dev.eosin.bench;

import dev.eosin.config.DataException;
import dev.eosin.data.synthetic.SyntheticTiles;
import dev.eosin.image.EvaluationTransform;
import dev.eosin.image.ImageDecoder;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.tensor.RandomKey;
import dev.eosin.text.ClipTokenizer;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
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
      file -> file.toString().toLowerCase(Locale.ROOT).matches(".*\\.(jpe?g|png|tiff?)");

  /// Decodes JPEGs that lie in memory and resizes them as open_clip does before evaluation.
  ///
  /// @param folder with images, searched to the bottom; synthetic 1024 px tiles without it
  /// @param size of the model's square input, in pixels
  public String decode(Optional<Path> folder, int size) throws IOException {
    List<byte[]> files = folder.isPresent() ? files(folder.get()) : syntheticFiles();
    ImageDecoder decoder = new ImageDecoder();
    EvaluationTransform transform = EvaluationTransform.openClip(size, size);
    double[] rates =
        rates(
            sample -> {
              try {
                byte[] bytes = files.get(sample % files.size());
                transform.apply(decoder.decode(bytes, "image " + sample));
              } catch (IOException e) {
                throw new UncheckedIOException(e);
              }
            });
    Map<String, Object> settings = settings(folder, files.size());
    settings.put("size", size);
    return new BenchmarkResult("decode").rates("images_per_s", rates).settings(settings).line();
  }

  /// Tokenises captions with CLIP's tokenizer, clean-up included.
  ///
  /// @param file with a caption a line; synthetic captions without it
  /// @param contextLength to cut to, in tokens
  public String tokenize(Optional<Path> file, int contextLength) throws IOException {
    List<String> captions = file.isPresent() ? Files.readAllLines(file.get()) : syntheticCaptions();
    ClipTokenizer tokenizer = ClipTokenizer.load();
    double[] rates =
        rates(sample -> tokenizer.encode(captions.get(sample % captions.size()), contextLength));
    double tokens = captions.stream().mapToInt(tokenizer::untruncatedLength).average().orElse(0);
    Map<String, Object> settings = settings(file, captions.size());
    settings.put("context_length", contextLength);
    return new BenchmarkResult("tokenize")
        .rates("captions_per_s", rates)
        .with("tokens_per_caption", tokens)
        .settings(settings)
        .line();
  }

  private double[] rates(IntConsumer sample) {
    try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
      return Rates.measure(
          batch,
          steps,
          () ->
              IntStream.range(0, threads)
                  .mapToObj(worker -> CompletableFuture.runAsync(() -> share(worker, sample), pool))
                  .toList()
                  .forEach(CompletableFuture::join));
    }
  }

  private void share(int worker, IntConsumer sample) {
    for (int i = worker; i < batch; i += threads) {
      sample.accept(i);
    }
  }

  private Map<String, Object> settings(Optional<Path> input, int samples) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("input", input.map(Path::toString).orElse("synthetic"));
    settings.put("samples", samples);
    settings.put("batch", batch);
    settings.put("threads", threads);
    settings.put("steps", steps);
    return settings;
  }

  private static List<byte[]> files(Path folder) throws IOException {
    List<byte[]> files = new ArrayList<>();
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path file : found.filter(IMAGE).sorted().limit(MOST_FILES).toList()) {
        files.add(Files.readAllBytes(file));
      }
    }
    if (files.isEmpty()) {
      throw new DataException(folder + ": holds no .jpg, .jpeg, .png or .tif file");
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
