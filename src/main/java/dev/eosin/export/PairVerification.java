package dev.eosin.export;

import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.ClipGraph;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.eval.ZeroShotClassifier;
import dev.eosin.image.RgbImage;
import dev.eosin.language.rows.CaptionRows;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.function.Consumer;

/// Compares the graphs of a model that draws images and texts together and judges pairs with the
/// model, on tiles that it was not trained on. b images, q vectors of each, t texts.
///
/// @param family of the model, by whose names graphs are found
/// @param model in fp32, whose weights the graphs have
/// @param progress told how far it is, one line
record PairVerification(
    ExportedPairs family, ExportedPairs.Opened model, HeldOut heldOut, Consumer<String> progress) {
  /// What is given of judged pairs.
  static final String JUDGED = "match_logits";

  private static final int TEXTS_AT_ONCE = 32;

  /// Texts that the whole graph is given beside the tiles of one batch.
  private static final int TEXTS_BESIDE = 4;

  /// One side's vectors: a row for each text, some rows for each tile; and how probable it is that
  /// each tile belongs to the text it was judged with.
  private record Side(List<float[]> texts, List<float[][]> tiles, List<Double> judged) {
    Side() {
      this(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    }

    /// The nearest class of each tile, by the nearest of its vectors.
    int[] classes(List<List<String>> prompts) {
      List<float[][]> classes = new ArrayList<>();
      int next = 0;
      for (List<String> one : prompts) {
        classes.add(texts.subList(next, next + one.size()).toArray(float[][]::new));
        next += one.size();
      }
      ZeroShotClassifier classifier = ZeroShotClassifier.of(classes);
      return tiles.stream().mapToInt(each -> nearest(classifier, each)).toArray();
    }

    private static int nearest(ZeroShotClassifier classifier, float[][] vectors) {
      int best = 0;
      double most = Double.NEGATIVE_INFINITY;
      for (float[] vector : vectors) {
        double[] cosines = classifier.cosines(vector);
        for (int i = 0; i < cosines.length; i++) {
          if (cosines[i] > most) {
            most = cosines[i];
            best = i;
          }
        }
      }
      return best;
    }
  }

  /// @throws dev.eosin.config.DataException when fewer tiles than are needed can be read, or a
  ///   graph cannot be run
  Agreement compare(GraphSessions graphs) throws IOException {
    Side own = new Side();
    Side other = new Side();
    var distance = new Distance();
    TextRows texts = texts();
    for (int from = 0; from < texts.size(); from += TEXTS_AT_ONCE) {
      TextRows some = texts.only(from, Math.min(texts.size(), from + TEXTS_AT_ONCE));
      float[][] wanted = vectors(model.texts(captions(some)));
      float[][] found = vectors(of(graphs, ExportedPairs.TEXT, ids(some), ClipGraph.TEXT));
      distance.add(wanted, found);
      own.texts.addAll(List.of(wanted));
      other.texts.addAll(List.of(found));
    }
    var tiles = new TileBatches(heldOut, progress);
    tiles.each(images -> batch(graphs, images, texts, distance, own, other));
    return agreement(distance, own, other, tiles);
  }

  /// Runs every graph on the first tiles that can be read.
  ///
  /// @throws IOException when a graph cannot be run
  void first(GraphSessions graphs, int count) throws IOException {
    TextRows all = texts();
    List<RgbImage> images = heldOut.first(count);
    TextRows beside = all.only(0, Math.min(count, all.size()));
    TensorData pixels = TilePixels.normalised(images, family.normalisation());
    graphs.get(ExportedPairs.TEXT).run(ids(beside));
    graphs.get(ExportedPairs.IMAGE).run(Map.of(ClipGraph.PIXELS, pixels));
    graphs.get(ExportedPairs.MATCH).run(with(pixels, oneEach(all, 0, images.size())));
  }

  /// Asks a model and its graphs the same, some tiles and texts.
  record Asking(ExportedPairs family, HeldOut heldOut, int count) implements GraphDrift.Samples {
    @Override
    public void each(Engine heard, GraphSessions sessions, Runnable compared) throws IOException {
      try (ExportedPairs.Opened again = family.opened(heard)) {
        new PairVerification(family, again, heldOut, line -> {}).each(sessions, count, compared);
      }
    }
  }

  /// One tile and one text at a time.
  private void each(GraphSessions graphs, int count, Runnable compared) throws IOException {
    TextRows all = texts();
    List<RgbImage> images = heldOut.first(count);
    for (int i = 0; i < images.size(); i++) {
      TextRows text = oneEach(all, i, 1);
      TensorData pixels = TilePixels.normalised(images.subList(i, i + 1), family.normalisation());
      BatchImages batch = TilePixels.batch(images.subList(i, i + 1));
      model.texts(captions(text));
      graphs.get(ExportedPairs.TEXT).run(ids(text));
      compared.run();
      model.images(batch);
      graphs.get(ExportedPairs.IMAGE).run(Map.of(ClipGraph.PIXELS, pixels));
      compared.run();
      model.judged(batch, captions(text));
      graphs.get(ExportedPairs.MATCH).run(with(pixels, text));
      compared.run();
    }
  }

  private TextRows texts() {
    return TextRows.of(
        heldOut.prompts().stream().flatMap(List::stream).toList(), family.captions());
  }

  private static CaptionRows captions(TextRows rows) {
    return CaptionRows.of(rows.rows());
  }

  private static Map<String, TensorData> ids(TextRows rows) {
    return Map.of(ClipGraph.IDS, rows.ids(), ClipGraph.MASK, rows.counts());
  }

  private static Map<String, TensorData> with(TensorData pixels, TextRows rows) {
    return Map.of(
        ClipGraph.PIXELS, pixels, ClipGraph.IDS, rows.ids(), ClipGraph.MASK, rows.counts());
  }

  private static TensorData of(
      GraphSessions graphs, String graph, Map<String, TensorData> inputs, String output)
      throws IOException {
    return ClipGraphs.only(graphs.get(graph).run(inputs), output);
  }

  /// A text for each of some tiles.
  private static TextRows oneEach(TextRows all, int first, int count) {
    List<int[]> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(all.rows().get((first + i) % all.size()));
    }
    return new TextRows(rows, all.padding());
  }

  private void batch(
      GraphSessions graphs,
      List<RgbImage> images,
      TextRows texts,
      Distance distance,
      Side own,
      Side other)
      throws IOException {
    TensorData pixels = TilePixels.normalised(images, family.normalisation());
    BatchImages batch = TilePixels.batch(images);
    TensorData wanted = model.images(batch);
    TensorData found =
        of(graphs, ExportedPairs.IMAGE, Map.of(ClipGraph.PIXELS, pixels), ClipGraph.IMAGE);
    distance.add(vectors(wanted), vectors(found));
    int start = own.tiles.size() % Math.max(1, texts.size() - TEXTS_BESIDE + 1);
    int end = Math.min(texts.size(), start + TEXTS_BESIDE);
    TextRows judged = oneEach(texts, own.tiles.size(), images.size());
    own.tiles.addAll(each(wanted));
    other.tiles.addAll(each(found));
    Map<String, TensorData> whole =
        graphs.get(ExportedPairs.WHOLE).run(with(pixels, texts.only(start, end)));
    distance.add(vectors(wanted), vectors(ClipGraphs.only(whole, ClipGraph.IMAGE)));
    float[][] beside = own.texts.subList(start, end).toArray(float[][]::new);
    distance.add(beside, vectors(ClipGraphs.only(whole, ClipGraph.TEXT)));
    cosines(distance, each(wanted), beside, whole);
    judge(
        distance,
        model.judged(batch, captions(judged)),
        of(graphs, ExportedPairs.MATCH, with(pixels, judged), JUDGED),
        own,
        other);
  }

  /// Of an image's vectors, the one that is most alike counts.
  private static void cosines(
      Distance distance, List<float[][]> images, float[][] texts, Map<String, TensorData> whole) {
    TensorData perImage = ClipGraphs.only(whole, ClipGraph.PER_IMAGE);
    TensorData perText = ClipGraphs.only(whole, ClipGraph.PER_TEXT);
    for (int i = 0; i < images.size(); i++) {
      for (int t = 0; t < texts.length; t++) {
        double most = Double.NEGATIVE_INFINITY;
        for (float[] vector : images.get(i)) {
          most = Math.max(most, Distance.dot(vector, texts[t]));
        }
        distance.add(perImage.floatingAt((long) i * texts.length + t) - most);
        distance.add(perText.floatingAt((long) t * images.size() + i) - most);
      }
    }
  }

  /// Logits differ as a share of the largest of a pair where that is above 1.
  private static void judge(
      Distance distance, TensorData wanted, TensorData found, Side own, Side other) {
    for (long pair = 0; pair < wanted.shape().getFirst(); pair++) {
      double no = wanted.floatingAt(2 * pair);
      double yes = wanted.floatingAt(2 * pair + 1);
      double most = Math.max(1, Math.max(Math.abs(no), Math.abs(yes)));
      distance.add((found.floatingAt(2 * pair) - no) / most);
      distance.add((found.floatingAt(2 * pair + 1) - yes) / most);
      own.judged.add(probability(no, yes));
      other.judged.add(probability(found.floatingAt(2 * pair), found.floatingAt(2 * pair + 1)));
    }
  }

  private static double probability(double no, double yes) {
    return 1 / (1 + Math.exp(no - yes));
  }

  private Agreement agreement(Distance distance, Side own, Side other, TileBatches tiles) {
    int[] wanted = own.classes(heldOut.prompts());
    int[] found = other.classes(heldOut.prompts());
    List<OptionalInt> truths = tiles.truths();
    int same = 0;
    int judged = 0;
    double moved = 0;
    int ownRight = 0;
    int otherRight = 0;
    for (int i = 0; i < wanted.length; i++) {
      same += wanted[i] == found[i] ? 1 : 0;
      double likely = own.judged.get(i);
      double likelyOther = other.judged.get(i);
      judged += likely > 0.5 == likelyOther > 0.5 ? 1 : 0;
      // A model that says no to everything says the same as graphs that are wrong in all but that.
      moved += Double.isNaN(likelyOther) ? 1 : Math.abs(likely - likelyOther);
      ownRight += truths.get(i).orElse(-1) == wanted[i] ? 1 : 0;
      otherRight += truths.get(i).orElse(-1) == found[i] ? 1 : 0;
    }
    double count = wanted.length;
    boolean known = heldOut.classified();
    return new Agreement(
        wanted.length,
        tiles.unreadable(),
        own.texts.size(),
        distance.difference(),
        distance.cosine(),
        Math.min(Math.min(same, judged), count - moved) / count,
        known ? OptionalDouble.of(ownRight / count) : OptionalDouble.empty(),
        known ? OptionalDouble.of(otherRight / count) : OptionalDouble.empty());
  }

  /// All vectors, one after the other.
  private static float[][] vectors(TensorData data) {
    int width = Math.toIntExact(data.shape().getLast());
    float[] all = data.floats();
    float[][] rows = new float[all.length / width][width];
    for (int row = 0; row < rows.length; row++) {
      System.arraycopy(all, row * width, rows[row], 0, width);
    }
    return rows;
  }

  /// The vectors of each image.
  private static List<float[][]> each(TensorData data) {
    float[][] all = vectors(data);
    int images = Math.toIntExact(data.shape().getFirst());
    int some = all.length / images;
    List<float[][]> each = new ArrayList<>();
    for (int image = 0; image < images; image++) {
      float[][] own = new float[some][];
      System.arraycopy(all, image * some, own, 0, some);
      each.add(own);
    }
    return each;
  }
}
