package dev.eosin.api;

import dev.eosin.eval.ClassProbabilities;
import dev.eosin.eval.ZeroShotClassifier;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.recipe.stored.StoredEmbedder;
import dev.eosin.recipe.stored.StoredEmbedder.Loaded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.PriorityQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.ReentrantLock;

/// A CLIP model that embeds images and texts into one space.
///
/// It holds memory outside the Java heap: close it. Safe for use by many threads; one at a time is
/// in the model, while others decode. Numbers do not depend on what else goes on; the same images
/// in other batches may differ in the last digits.
public final class PathologyClip implements AutoCloseable {
  private static final RandomKey UNUSED = new RandomKey(0);

  private final StoredEmbedder model;
  private final Loaded loaded;
  private final int batch;
  private final ImageDecoder decoder;
  private final TileTransform transform;
  private final ExecutorService decoders;
  private final ReentrantLock lock = new ReentrantLock();
  private volatile boolean closed;

  private PathologyClip(StoredEmbedder model, Loaded loaded, int batch, TileTransform transform) {
    this.model = model;
    this.loaded = loaded;
    this.batch = batch;
    this.decoder = model.images().decoder();
    this.transform = transform;
    this.decoders =
        Executors.newFixedThreadPool(
            Runtime.getRuntime().availableProcessors(),
            Thread.ofPlatform().daemon().name("eosin-decode-", 0).factory());
  }

  /// Opens a model at its defaults.
  ///
  /// @param path an Eosin run or one of its checkpoints, a folder of Hugging Face's or open_clip's
  /// @throws IOException in one line: what is missing, broken, or not a CLIP model
  /// @throws dev.eosin.config.MachineException when there is a GPU that cannot be used
  public static PathologyClip open(Path path) throws IOException {
    return open(path, ClipOptions.DEFAULT);
  }

  /// Opens a model.
  ///
  /// @param path as above
  /// @throws IOException as above
  /// @throws dev.eosin.config.MachineException when the device cannot be used
  public static PathologyClip open(Path path, ClipOptions options) throws IOException {
    var wanted =
        new StoredEmbedder.Wanted(path, options.part(), Optional.empty(), options.precision());
    StoredEmbedder model = StoredEmbedder.open(wanted);
    try {
      TileTransform transform = model.images().transforms().evaluation();
      Loaded loaded = model.load(options.compute().start(), options.batch());
      return new PathologyClip(model, loaded, options.batch(), transform);
    } catch (IOException | RuntimeException | Error e) {
      model.close();
      throw e;
    }
  }

  /// What a user should know about the model, one line each: what its folder does not say, for
  /// example.
  public List<String> notes() {
    return model.notes();
  }

  /// e, the size of an embedding.
  public int embeddingSize() {
    return model.width();
  }

  /// The most tokens of a text; longer ones are cut.
  public int contextLength() {
    return model.context();
  }

  /// The tokens of a text, start and end included.
  public int tokens(String text) {
    return model.tokenizer().untruncatedLength(text);
  }

  /// By what cosines become logits.
  public double logitScale() {
    return loaded.logitScale();
  }

  /// What is added to logits, of models that were trained with a sigmoid loss.
  public OptionalDouble logitBias() {
    return loaded.logitBias();
  }

  /// Embeds image files.
  ///
  /// @return [n,e], each of length 1, in the order of the files
  /// @throws IOException naming the first file that cannot be read, and why
  public float[][] encodeImages(List<Path> files) throws IOException {
    return encodeTiles(files.stream().map(Tile::file).toList());
  }

  /// Embeds images.
  ///
  /// @return [n,e], each of length 1, in the order of the tiles
  /// @throws IOException naming the first image that cannot be read, and why
  public float[][] encodeTiles(List<Tile> tiles) throws IOException {
    float[][] all = new float[tiles.size()][];
    List<Future<RgbImage>> ahead = decoded(tiles, 0);
    for (int from = 0; from < all.length; from += batch) {
      List<Future<RgbImage>> now = ahead;
      ahead = decoded(tiles, from + batch);
      try {
        float[][] part = embedded(now);
        System.arraycopy(part, 0, all, from, part.length);
      } catch (IOException | RuntimeException | Error e) {
        ahead.forEach(each -> each.cancel(true));
        throw e;
      }
    }
    return all;
  }

  private List<Future<RgbImage>> decoded(List<Tile> tiles, int from) {
    if (from >= tiles.size()) {
      return List.of();
    }
    try {
      return tiles.subList(from, Math.min(tiles.size(), from + batch)).stream()
          .map(tile -> decoders.submit(() -> input(tile)))
          .toList();
    } catch (RejectedExecutionException e) {
      throw new IllegalStateException("the model is closed", e);
    }
  }

  private RgbImage input(Tile tile) throws IOException {
    return transform.apply(tile.read(decoder), UNUSED.stream(Purpose.AUGMENTATION, 0, 0));
  }

  private float[][] embedded(List<Future<RgbImage>> tiles) throws IOException {
    int bytes = 3 * transform.height() * transform.width();
    byte[] pixels = new byte[tiles.size() * bytes];
    for (int i = 0; i < tiles.size(); i++) {
      joined(tiles.get(i)).writePlanar(pixels, i * bytes);
    }
    lock.lock();
    try {
      requireOpen();
      return loaded.embedder().embedImages(pixels, tiles.size());
    } finally {
      lock.unlock();
    }
  }

  private static RgbImage joined(Future<RgbImage> tile) throws IOException {
    try {
      return tile.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while images were decoded", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException unreadable) {
        throw unreadable;
      }
      throw new IllegalStateException(e.getCause());
    }
  }

  /// Embeds texts; those with more than [#contextLength] tokens are cut, see [#tokens].
  ///
  /// @return [n,e], each of length 1, in the order of the texts
  public float[][] encodeTexts(List<String> texts) {
    if (texts.isEmpty()) {
      return new float[0][];
    }
    lock.lock();
    try {
      requireOpen();
      return loaded.embedder().embedTexts(texts);
    } finally {
      lock.unlock();
    }
  }

  /// Compares images with texts.
  ///
  /// @param images embeddings, of [#encodeImages]
  /// @param names of the images
  /// @param texts at least one; one that comes twice is compared twice
  /// @return for each image
  /// @throws IllegalArgumentException when there are no texts, or names and images are not as many
  public List<Match> compare(float[][] images, List<String> names, List<String> texts) {
    return compare(images, names, texts, texts.stream().map(List::of).toList());
  }

  private List<Match> compare(
      float[][] images, List<String> names, List<String> classes, List<List<String>> prompts) {
    if (classes.isEmpty() || names.size() != images.length) {
      throw new IllegalArgumentException(
          "%d images have %d names and %d texts; a name each and a text are expected"
              .formatted(images.length, names.size(), classes.size()));
    }
    float[][] all = encodeTexts(prompts.stream().flatMap(List::stream).toList());
    List<float[][]> byClass = new ArrayList<>();
    int next = 0;
    for (List<String> ofClass : prompts) {
      byClass.add(Arrays.copyOfRange(all, next, next + ofClass.size()));
      next += ofClass.size();
    }
    ZeroShotClassifier classifier = ZeroShotClassifier.of(byClass);
    var probability = new ClassProbabilities(logitScale(), logitBias());
    List<Match> matches = new ArrayList<>();
    for (int i = 0; i < images.length; i++) {
      double[] cosines = classifier.cosines(images[i]);
      matches.add(new Match(names.get(i), classes, cosines, probability.of(cosines)));
    }
    return matches;
  }

  /// Says which class an image is of, by texts alone.
  ///
  /// @param prompts what each class is called, by its name, such as `"tumour" -> ["an H&E image of
  ///   tumour", "a tile of malignant tissue"]`; of several the mean direction counts, as in
  ///   open_clip
  /// @return for each image, in the order of the files; the texts of a match are the classes, in
  ///   the order of `prompts`
  /// @throws IOException naming the first file that cannot be read, and why
  /// @throws IllegalArgumentException when a class has no prompt, or there is no class
  public List<Match> zeroShot(List<Path> images, Map<String, List<String>> prompts)
      throws IOException {
    List<String> names = images.stream().map(Path::toString).toList();
    List<String> classes = new ArrayList<>();
    List<List<String>> ofClasses = new ArrayList<>();
    prompts.forEach(
        (name, texts) -> {
          classes.add(name);
          ofClasses.add(texts);
        });
    return compare(encodeImages(images), names, classes, ofClasses);
  }

  /// Finds what is nearest to each query, by exact comparison with everything.
  ///
  /// @param queries embeddings [q,e] of texts or images
  /// @param searched embeddings [n,e] of images or texts
  /// @param most how many are found, at most n
  /// @return for each query, nearest first; of equals the first come first
  /// @throws IllegalArgumentException when an embedding has another size
  public List<List<Hit>> retrieve(float[][] queries, float[][] searched, int most) {
    List<List<Hit>> found = new ArrayList<>();
    for (float[] query : queries) {
      found.add(nearest(query, searched, most));
    }
    return found;
  }

  private static List<Hit> nearest(float[] query, float[][] searched, int most) {
    PriorityQueue<Hit> best = new PriorityQueue<>(PathologyClip::worstFirst);
    for (int i = 0; i < searched.length && most > 0; i++) {
      Hit hit = new Hit(i, cosine(query, searched[i]));
      if (best.size() < most) {
        best.add(hit);
      } else if (worstFirst(best.element(), hit) < 0) {
        best.remove();
        best.add(hit);
      }
    }
    List<Hit> sorted = new ArrayList<>(best);
    sorted.sort(Collections.reverseOrder(PathologyClip::worstFirst));
    return List.copyOf(sorted);
  }

  private static int worstFirst(Hit one, Hit other) {
    int byCosine = Double.compare(one.cosine(), other.cosine());
    return byCosine != 0 ? byCosine : Integer.compare(other.index(), one.index());
  }

  /// The cosine of two embeddings.
  ///
  /// @throws IllegalArgumentException when they differ in size
  public static double cosine(float[] one, float[] other) {
    if (one.length != other.length) {
      throw new IllegalArgumentException(
          "embeddings of %d and %d numbers are not of one model"
              .formatted(one.length, other.length));
    }
    double product = 0;
    double ofOne = 0;
    double ofOther = 0;
    for (int i = 0; i < one.length; i++) {
      product += (double) one[i] * other[i];
      ofOne += (double) one[i] * one[i];
      ofOther += (double) other[i] * other[i];
    }
    return product / Math.max(Math.sqrt(ofOne * ofOther), 1e-12);
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the model is closed");
    }
  }

  /// Gives back its memory; a call that is in the model is waited for. Closing twice does nothing.
  @Override
  public void close() {
    lock.lock();
    try {
      if (!closed) {
        closed = true;
        decoders.shutdown();
        loaded.close();
        model.close();
      }
    } finally {
      lock.unlock();
    }
  }
}
