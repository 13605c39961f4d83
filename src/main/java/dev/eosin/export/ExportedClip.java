package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.ClipGraph;
import dev.eosin.clip.spec.ClipConfigFile;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.Preprocessing;
import dev.eosin.config.DataException;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.image.transforms.EvaluationTransform;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.onnx.runtime.GraphSession;
import dev.eosin.text.CaptionEncoder;
import dev.eosin.text.Tokenizer;
import dev.eosin.text.TokenizerSettings;
import dev.eosin.tower.BertText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// A bundle of a CLIP model's graphs as `eosin export --to onnx` writes it, run by onnxruntime on
/// the CPU. Close it.
public final class ExportedClip implements ImageTextEmbedder, AutoCloseable {
  private static final List<String> STEMS = List.of("model", "model_fp16", "model_int8");
  private static final List<String> PROBES =
      List.of("tumour", "an H&E image of normal mucosa", "lymphocytes", "a photograph of a dog");

  private final Path folder;
  private final ClipSpec spec;
  private final EvaluationTransform transform;
  private final Normalisation normalisation;
  private final CaptionEncoder captions;
  private final GraphSession image;
  private final GraphSession text;
  private final Logits logits;

  private record Logits(double scale, OptionalDouble bias) {}

  private ExportedClip(
      Path folder, ClipSpec spec, Preprocessing preprocessing, Tokenizer tokenizer, int threads)
      throws DataException {
    this.folder = folder;
    this.spec = spec;
    this.transform = transform(folder, spec, preprocessing);
    this.normalisation = new Normalisation(preprocessing.mean(), preprocessing.std());
    this.captions = CaptionEncoder.truncating(tokenizer, spec.text().context());
    this.logits = logits(threads);
    this.image = GraphSession.open(graph(folder, "vision_"), threads);
    try {
      this.text = GraphSession.open(graph(folder, "text_"), threads);
    } catch (DataException | RuntimeException | Error e) {
      image.close();
      throw e;
    }
  }

  /// Whether a folder is such a bundle.
  public static boolean at(Path folder) {
    return STEMS.stream().anyMatch(stem -> Files.isRegularFile(file(folder, "vision_", stem)));
  }

  /// Opens a bundle.
  ///
  /// @param threads of onnxruntime
  /// @throws DataException when something in it is missing or cannot be read
  public static ExportedClip open(Path folder, int threads) throws IOException {
    Path config =
        Files.isRegularFile(folder.resolve(ClipConfigFile.OPEN_CLIP))
            ? folder.resolve(ClipConfigFile.OPEN_CLIP)
            : folder.resolve(ClipConfigFile.HUGGING_FACE);
    ClipSpec spec = ClipConfigFile.read(config).spec();
    Preprocessing preprocessing =
        Preprocessing.in(folder)
            .orElseThrow(
                () -> new DataException(folder + ": does not say how images are prepared"));
    TokenizerSettings tokenizer =
        spec.text() instanceof BertText
            ? new TokenizerSettings.Bert(folder, true)
            : new TokenizerSettings.HuggingFace(folder);
    return new ExportedClip(folder, spec, preprocessing, tokenizer.open(), threads);
  }

  private static EvaluationTransform transform(
      Path folder, ClipSpec spec, Preprocessing preprocessing) {
    boolean huggingFace =
        !Files.isRegularFile(folder.resolve(ClipConfigFile.OPEN_CLIP))
            && spec.image().height() == spec.image().width();
    return new EvaluationTransform(
        huggingFace ? EvaluationTransform.Rule.HUGGING_FACE : EvaluationTransform.Rule.OPEN_CLIP,
        preprocessing.fit(),
        spec.image().height(),
        spec.image().width(),
        preprocessing.interpolation());
  }

  private static Path graph(Path folder, String tower) throws DataException {
    return STEMS.stream()
        .map(stem -> file(folder, tower, stem))
        .filter(Files::isRegularFile)
        .findFirst()
        .orElseThrow(
            () ->
                new DataException(
                    "%s: has no onnx/%smodel.onnx; export it anew".formatted(folder, tower)));
  }

  private static Path file(Path folder, String tower, String stem) {
    return folder.resolve("onnx").resolve("%s%s.onnx".formatted(tower, stem));
  }

  /// Scale and bias are in the graph alone: what it makes of cosines tells them.
  private Logits logits(int threads) throws DataException {
    float[] drawn = new float[3 * transform.height() * transform.width()];
    for (int i = 0; i < drawn.length; i++) {
      drawn[i] = (float) Math.sin(i * 0.37) + (float) i / drawn.length;
    }
    TextRows rows = TextRows.of(PROBES, captions);
    try (GraphSession whole = GraphSession.open(graph(folder, ""), threads)) {
      Map<String, TensorData> outputs =
          whole.run(
              Map.of(
                  ClipGraph.PIXELS,
                  TensorData.of(drawn, 1, 3, transform.height(), transform.width()),
                  ClipGraph.IDS,
                  rows.ids(),
                  ClipGraph.MASK,
                  rows.counts()));
      float[] tile = ClipGraphs.only(outputs, ClipGraph.IMAGE).row(0).floats();
      TensorData texts = ClipGraphs.only(outputs, ClipGraph.TEXT);
      double[] cosines = new double[PROBES.size()];
      Arrays.setAll(cosines, i -> Distance.dot(tile, texts.row(i).floats()));
      return line(cosines, ClipGraphs.only(outputs, ClipGraph.PER_IMAGE));
    }
  }

  /// By least squares; without a bias through 0.
  private Logits line(double[] cosines, TensorData logits) {
    boolean biased = spec.logitBias();
    double meanCosine = biased ? Arrays.stream(cosines).average().orElseThrow() : 0;
    double meanLogit = 0;
    for (int i = 0; i < cosines.length; i++) {
      meanLogit += biased ? logits.floatingAt(i) / cosines.length : 0;
    }
    double product = 0;
    double square = 0;
    for (int i = 0; i < cosines.length; i++) {
      product += (cosines[i] - meanCosine) * (logits.floatingAt(i) - meanLogit);
      square += (cosines[i] - meanCosine) * (cosines[i] - meanCosine);
    }
    double scale = product / Math.max(square, 1e-12);
    return new Logits(
        scale, biased ? OptionalDouble.of(meanLogit - scale * meanCosine) : OptionalDouble.empty());
  }

  /// What a user should know, one line each.
  public List<String> notes() {
    return List.of(folder + ": is computed by onnxruntime, of " + graph());
  }

  private String graph() {
    return STEMS.stream()
        .filter(stem -> Files.isRegularFile(file(folder, "vision_", stem)))
        .findFirst()
        .orElseThrow();
  }

  /// Makes inputs of images.
  public EvaluationTransform transform() {
    return transform;
  }

  /// Makes ids of texts.
  public Tokenizer tokenizer() {
    return captions.tokenizer();
  }

  /// e, the size of an embedding.
  public int width() {
    return spec.embedSize();
  }

  /// The most tokens of a text.
  public int context() {
    return captions.contextLength();
  }

  /// By which cosines become logits.
  public double logitScale() {
    return logits.scale();
  }

  /// Added to them, of models that were trained with a sigmoid loss.
  public OptionalDouble logitBias() {
    return logits.bias();
  }

  /// @throws UncheckedIOException when onnxruntime cannot run the graph
  @Override
  public float[][] embedImages(byte[] images, int count) {
    int each = 3 * transform.height() * transform.width();
    float[] values = new float[count * each];
    for (int i = 0; i < count; i++) {
      byte[] planes = Arrays.copyOfRange(images, i * each, (i + 1) * each);
      System.arraycopy(normalisation.apply(planes), 0, values, i * each, each);
    }
    TensorData pixels = TensorData.of(values, count, 3, transform.height(), transform.width());
    try {
      return rows(ClipGraphs.only(image.run(Map.of(ClipGraph.PIXELS, pixels)), ClipGraph.IMAGE));
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// @throws UncheckedIOException when onnxruntime cannot run the graph
  @Override
  public float[][] embedTexts(List<String> texts) {
    TextRows ids = TextRows.of(texts, captions);
    try {
      return rows(
          ClipGraphs.only(
              text.run(Map.of(ClipGraph.IDS, ids.ids(), ClipGraph.MASK, ids.counts())),
              ClipGraph.TEXT));
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static float[][] rows(TensorData matrix) {
    float[][] rows = new float[Math.toIntExact(matrix.shape().getFirst())][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = matrix.row(i).floats();
    }
    return rows;
  }

  @Override
  public void close() throws DataException {
    try (image;
        text) {
      // Both are closed, whatever one of them throws.
    }
  }
}
