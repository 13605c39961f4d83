package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipGraph;
import dev.eosin.clip.ClipInputs;
import dev.eosin.config.DataException;
import dev.eosin.eval.ZeroShotClassifier;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Forward;
import dev.eosin.tensor.Tensor;
import dev.eosin.text.CaptionEncoder;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Compares the graphs of a CLIP model with the model, on tiles that it was not trained on.
///
/// @param clip fp32, whose weights the graphs have
/// @param captions make ids of texts
/// @param progress told how far it is, one line
record ClipVerification(
    Clip clip,
    HeldOut heldOut,
    CaptionEncoder captions,
    Normalisation normalisation,
    Consumer<String> progress) {
  private static final int TEXTS_AT_ONCE = 32;

  /// Texts that the whole graph is given beside the tiles of one batch.
  private static final int TEXTS_BESIDE = 4;

  /// One side's vectors.
  private record Side(List<float[]> texts, List<float[]> tiles) {
    Side() {
      this(new ArrayList<>(), new ArrayList<>());
    }

    ZeroShotClassifier classifier(List<List<String>> prompts) {
      List<float[][]> classes = new ArrayList<>();
      int next = 0;
      for (List<String> one : prompts) {
        classes.add(texts.subList(next, next + one.size()).toArray(float[][]::new));
        next += one.size();
      }
      return ZeroShotClassifier.of(classes);
    }
  }

  /// @throws DataException when fewer tiles than are needed can be read, or a graph cannot be run
  Agreement compare(ClipGraphs graphs) throws IOException {
    Side model = new Side();
    Side graph = new Side();
    var distance = new Distance();
    TextRows texts = texts();
    for (int from = 0; from < texts.size(); from += TEXTS_AT_ONCE) {
      TextRows some = texts.only(from, Math.min(texts.size(), from + TEXTS_AT_ONCE));
      compare(distance, rows(features(some)), model.texts, rows(graphs.texts(some)), graph.texts);
    }
    var tiles = new TileBatches(heldOut, progress);
    tiles.each(images -> batch(graphs, images, texts, distance, model, graph));
    return agreement(distance, model, graph, tiles.truths(), tiles.unreadable());
  }

  /// All texts, in the order of the prompts.
  TextRows texts() {
    return TextRows.of(heldOut.prompts().stream().flatMap(List::stream).toList(), captions);
  }

  private void batch(
      ClipGraphs graphs,
      List<RgbImage> images,
      TextRows texts,
      Distance distance,
      Side model,
      Side graph)
      throws DataException {
    TensorData pixels = pixels(images);
    float[][] wanted = rows(features(images));
    compare(distance, wanted, model.tiles, rows(graphs.images(pixels)), graph.tiles);
    int start = model.tiles.size() % Math.max(1, texts.size() - TEXTS_BESIDE + 1);
    int end = Math.min(texts.size(), start + TEXTS_BESIDE);
    Map<String, TensorData> whole = graphs.whole(pixels, texts.only(start, end));
    float[][] beside = model.texts.subList(start, end).toArray(float[][]::new);
    distance.add(wanted, rows(ClipGraphs.only(whole, ClipGraph.IMAGE)));
    distance.add(beside, rows(ClipGraphs.only(whole, ClipGraph.TEXT)));
    logits(distance, wanted, beside, whole);
  }

  private void logits(
      Distance distance, float[][] images, float[][] texts, Map<String, TensorData> whole) {
    double scale = Math.exp(clip.parameters().get(Clip.LOGIT_SCALE).data().toFloat());
    double bias =
        clip.spec().logitBias() ? clip.parameters().get(Clip.LOGIT_BIAS).data().toFloat() : 0;
    TensorData perImage = ClipGraphs.only(whole, ClipGraph.PER_IMAGE);
    TensorData perText = ClipGraphs.only(whole, ClipGraph.PER_TEXT);
    for (int i = 0; i < images.length; i++) {
      for (int t = 0; t < texts.length; t++) {
        double cosine = Distance.dot(images[i], texts[t]);
        distance.add((perImage.floatingAt((long) i * texts.length + t) - bias) / scale - cosine);
        distance.add((perText.floatingAt((long) t * images.length + i) - bias) / scale - cosine);
      }
    }
  }

  private static void compare(
      Distance distance,
      float[][] wanted,
      List<float[]> model,
      float[][] found,
      List<float[]> graph) {
    distance.add(wanted, found);
    model.addAll(List.of(wanted));
    graph.addAll(List.of(found));
  }

  private Agreement agreement(
      Distance distance, Side model, Side graph, List<OptionalInt> truths, int unreadable) {
    ZeroShotClassifier own = model.classifier(heldOut.prompts());
    ZeroShotClassifier other = graph.classifier(heldOut.prompts());
    int tiles = truths.size();
    int same = 0;
    int ownRight = 0;
    int otherRight = 0;
    for (int i = 0; i < tiles; i++) {
      int a = own.classify(model.tiles.get(i));
      int b = other.classify(graph.tiles.get(i));
      same += a == b ? 1 : 0;
      ownRight += truths.get(i).orElse(-1) == a ? 1 : 0;
      otherRight += truths.get(i).orElse(-1) == b ? 1 : 0;
    }
    boolean known = heldOut.classified();
    return new Agreement(
        tiles,
        unreadable,
        model.texts.size(),
        distance.difference(),
        distance.cosine(),
        (double) same / tiles,
        known ? OptionalDouble.of((double) ownRight / tiles) : OptionalDouble.empty(),
        known ? OptionalDouble.of((double) otherRight / tiles) : OptionalDouble.empty());
  }

  /// Normalised pixels [b,3,h,w] as a program without Eosin makes them.
  TensorData pixels(List<RgbImage> images) {
    return TilePixels.normalised(images, normalisation);
  }

  private TensorData features(List<RgbImage> images) {
    RgbImage first = images.getFirst();
    try (var inputs = new ClipInputs(clip.engine(), DType.FLOAT32, normalisation);
        Tensor pixels =
            inputs.pixels(
                TilePixels.planar(images), 0, images.size(), first.height(), first.width());
        Forward graph = new Forward(clip.engine())) {
      Tensor features = clip.imageFeatures(graph, pixels).data();
      return TensorData.of(features.toFloats(), features.shape());
    }
  }

  private TensorData features(TextRows texts) {
    TensorData ids = texts.ids();
    try (Tensor tensor = clip.engine().of(ids.longs(), ids.dimensions());
        Forward graph = new Forward(clip.engine())) {
      Tensor features = clip.textFeatures(graph, tensor).data();
      return TensorData.of(features.toFloats(), features.shape());
    }
  }

  private static float[][] rows(TensorData matrix) {
    float[][] rows = new float[Math.toIntExact(matrix.shape().getFirst())][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = matrix.row(i).floats();
    }
    return rows;
  }
}
