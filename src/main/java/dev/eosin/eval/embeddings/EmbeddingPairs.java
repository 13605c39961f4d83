package dev.eosin.eval.embeddings;

import dev.eosin.config.DataException;
import dev.eosin.eval.Retrieval;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.group.Group;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.IntStream;

/// Stored embeddings of images and of texts, and which of them belong together: an image has any
/// number of texts, and images whose texts are all equal cannot be told apart by them and are one.
/// A text that images share besides others belongs to its own row's image alone, and is counted:
/// "H&E" would make one class of all. Rows that belong to nothing on the other side are left out,
/// as queries and as candidates.
public final class EmbeddingPairs {
  private final StoredEmbeddings images;
  private final StoredEmbeddings texts;
  private final long[] classesOfImages;
  private final long[] classesOfTexts;
  private final long shared;

  /// What rows have in common that belong together.
  public enum Match {
    /// The path: a text's is that of its image.
    PATH,
    LABEL,
    GROUP,
    /// The place in the file.
    ROW
  }

  private EmbeddingPairs(
      StoredEmbeddings images,
      StoredEmbeddings texts,
      long[] classesOfImages,
      long[] classesOfTexts,
      long shared) {
    this.images = images;
    this.texts = texts;
    this.classesOfImages = classesOfImages;
    this.classesOfTexts = classesOfTexts;
    this.shared = shared;
  }

  /// Finds what belongs together.
  ///
  /// @throws DataException when the two are of different models or sizes, nothing belongs together,
  ///   or files that are matched by row have different numbers of them
  public static EmbeddingPairs of(StoredEmbeddings images, StoredEmbeddings texts, Match match)
      throws DataException {
    requireOneModel(images, texts);
    if (match == Match.ROW && images.size() != texts.size()) {
      throw new DataException(
          "%s has %d rows, %s %d; matched by row, both have as many"
              .formatted(images.path(), images.size(), texts.path(), texts.size()));
    }
    var classes = new Classes();
    long[] ofImages = classes.of(images.rows(), match);
    long[] ofTexts = classes.of(texts.rows(), match);
    boolean joins = match == Match.PATH || match == Match.ROW;
    if (joins) {
      classes.joinEqualTexts(texts.rows(), ofTexts);
    }
    classes.resolve(ofImages);
    classes.resolve(ofTexts);
    keepShared(ofImages, ofTexts);
    if (Arrays.stream(ofImages).allMatch(each -> each == Classes.NONE)) {
      throw new DataException(
          "%s and %s: no image and text have the %s in common: for example '%s' and '%s'"
              .formatted(
                  images.path(),
                  texts.path(),
                  match.name().toLowerCase(Locale.ROOT),
                  Classes.key(images.rows().getFirst(), 0, match).orElse(""),
                  Classes.key(texts.rows().getFirst(), 0, match).orElse("")));
    }
    long shared = joins ? shared(texts.rows(), ofTexts) : 0;
    return new EmbeddingPairs(images, texts, ofImages, ofTexts, shared);
  }

  /// @throws DataException when the two are of different models or sizes, as far as they say it
  public static void requireOneModel(StoredEmbeddings images, StoredEmbeddings texts)
      throws DataException {
    if (images.width() != texts.width()) {
      throw new DataException(
          "%s has embeddings of %d numbers, %s of %d: they are of different models"
              .formatted(images.path(), images.width(), texts.path(), texts.width()));
    }
    Map<String, String> own = images.pins();
    Map<String, String> other = texts.pins();
    for (String pin : List.of("model.sha256", "architecture")) {
      String one = own.get(pin);
      String two = other.get(pin);
      if (one != null && two != null && !one.equals(two)) {
        throw new DataException(
            "%s and %s are of different models: %s is %s and %s"
                .formatted(images.path(), texts.path(), pin, one, two));
      }
    }
  }

  /// How many texts belong to several classes.
  private static long shared(List<ActivationRow> rows, long[] classes) {
    Map<String, Long> first = new HashMap<>();
    Set<String> shared = new HashSet<>();
    for (int i = 0; i < classes.length; i++) {
      Optional<String> text = rows.get(i).text();
      if (text.isPresent() && classes[i] != Classes.NONE) {
        Long before = first.putIfAbsent(text.get(), classes[i]);
        if (before != null && before != classes[i]) {
          shared.add(text.get());
        }
      }
    }
    return shared.size();
  }

  private static void keepShared(long[] ofImages, long[] ofTexts) {
    Set<Long> images = new HashSet<>();
    Set<Long> both = new HashSet<>();
    Arrays.stream(ofImages).forEach(images::add);
    Arrays.stream(ofTexts).filter(images::contains).forEach(both::add);
    both.remove(Classes.NONE);
    Arrays.setAll(ofImages, i -> both.contains(ofImages[i]) ? ofImages[i] : Classes.NONE);
    Arrays.setAll(ofTexts, i -> both.contains(ofTexts[i]) ? ofTexts[i] : Classes.NONE);
  }

  /// Classes of rows, of which some become one.
  private static final class Classes {
    static final long NONE = -1;

    private final Map<String, Long> byKey = new HashMap<>();
    private final List<Long> joined = new ArrayList<>();

    static Optional<String> key(ActivationRow row, int place, Match match) {
      return switch (match) {
        case PATH -> Optional.of(row.path());
        case LABEL -> row.label();
        case GROUP -> row.group();
        case ROW -> Optional.of(Integer.toString(place));
      };
    }

    long[] of(List<ActivationRow> rows, Match match) {
      long[] classes = new long[rows.size()];
      for (int i = 0; i < classes.length; i++) {
        Optional<String> key = key(rows.get(i), i, match);
        classes[i] = key.isPresent() ? byKey.computeIfAbsent(key.get(), _ -> added()) : NONE;
      }
      return classes;
    }

    private long added() {
      joined.add((long) joined.size());
      return joined.size() - 1;
    }

    /// Joins classes whose sets of texts are equal; one with a row without a text is left alone.
    void joinEqualTexts(List<ActivationRow> rows, long[] classes) {
      Map<Long, SortedSet<String>> texts = new LinkedHashMap<>();
      Set<Long> unknown = new HashSet<>();
      for (int i = 0; i < classes.length; i++) {
        Optional<String> text = rows.get(i).text();
        if (text.isPresent()) {
          texts.computeIfAbsent(classes[i], _ -> new TreeSet<>()).add(text.get());
        } else {
          unknown.add(classes[i]);
        }
      }
      Map<SortedSet<String>, Long> byTexts = new HashMap<>();
      texts.forEach(
          (each, own) -> {
            if (!unknown.contains(each)) {
              Long before = byTexts.putIfAbsent(own, each);
              joined.set(Math.toIntExact(each), before == null ? each : before);
            }
          });
    }

    void resolve(long[] classes) {
      Arrays.setAll(classes, i -> classes[i] == NONE ? NONE : joined.get((int) classes[i]));
    }
  }

  /// Images that belong to a text.
  public int imageCount() {
    return kept(classesOfImages).length;
  }

  /// Texts that belong to an image.
  public int textCount() {
    return kept(classesOfTexts).length;
  }

  /// What was left out and what is not clear, one line each.
  public List<String> notes() {
    List<String> notes = new ArrayList<>();
    note(notes, images, classesOfImages, "images belong to no text");
    note(notes, texts, classesOfTexts, "texts belong to no image");
    if (shared > 0) {
      notes.add(
          "%s: %d texts are of several images that have other texts besides; each counts for its own row's image alone"
              .formatted(texts.path(), shared));
    }
    return notes;
  }

  private static void note(List<String> notes, StoredEmbeddings of, long[] classes, String what) {
    long out = Arrays.stream(classes).filter(each -> each == Classes.NONE).count();
    if (out > 0) {
      notes.add("%s: %d of %d %s and are left out".formatted(of.path(), out, classes.length, what));
    }
  }

  private static int[] kept(long[] classes) {
    return IntStream.range(0, classes.length).filter(i -> classes[i] != Classes.NONE).toArray();
  }

  /// How well images and texts find each other. Memory holds all embeddings and a block of cosines.
  ///
  /// @throws DataException when embeddings cannot be read
  public Retrieval retrieval(Engine engine) throws IOException {
    return retrieval(engine, Group.ALONE);
  }

  /// As above, by ranks that share the queries.
  ///
  /// @return the same on every rank
  public Retrieval retrieval(Engine engine, Group group) throws IOException {
    try (Tensor ofImages = vectors(engine, images, classesOfImages);
        Tensor ofTexts = vectors(engine, texts, classesOfTexts)) {
      return Retrieval.of(
          group,
          ofImages,
          1,
          ofTexts,
          Arrays.stream(kept(classesOfImages)).mapToLong(i -> classesOfImages[i]).toArray(),
          Arrays.stream(kept(classesOfTexts)).mapToLong(i -> classesOfTexts[i]).toArray());
    }
  }

  private static Tensor vectors(Engine engine, StoredEmbeddings from, long[] classes)
      throws IOException {
    int width = from.width();
    Tensor all = engine.zeros(DType.FLOAT32, kept(classes).length, width);
    int[] next = {0};
    try {
      from.blocks(
          (first, values) -> {
            float[] some = new float[values.length];
            int count = 0;
            for (int i = 0; i < values.length / width; i++) {
              if (classes[(int) first + i] != Classes.NONE) {
                unit(values, i * width, some, count++ * width, width);
              }
            }
            if (count > 0) {
              float[] taken = Arrays.copyOf(some, count * width);
              try (Tensor block = engine.of(taken, count, width)) {
                engine.kernels().run("write_rows", all, next[0], block);
              }
              next[0] += count;
            }
          });
      return all;
    } catch (IOException | RuntimeException | Error e) {
      all.close();
      throw e;
    }
  }

  private static void unit(float[] from, int at, float[] to, int place, int width) {
    double squares = 0;
    for (int i = at; i < at + width; i++) {
      squares += (double) from[i] * from[i];
    }
    double norm = Math.max(Math.sqrt(squares), 1e-12);
    for (int i = 0; i < width; i++) {
      to[place + i] = (float) (from[at + i] / norm);
    }
  }

  /// The rows of the images that are compared, in the order of ranks.
  public int[] imagesCompared() {
    return kept(classesOfImages);
  }

  /// The same of texts.
  public int[] textsCompared() {
    return kept(classesOfTexts);
  }

  /// Whether an image and a text belong together.
  ///
  /// @param image its row
  /// @param text its row
  public boolean together(int image, int text) {
    return classesOfImages[image] == classesOfTexts[text];
  }

  /// What images are drawn together with for intervals: their group, or themselves.
  public long[] unitsOfImages() {
    Map<String, Long> units = new LinkedHashMap<>();
    return Arrays.stream(kept(classesOfImages))
        .mapToLong(row -> unit(units, images.rows().get(row).group(), "row " + row))
        .toArray();
  }

  /// The same of texts: their group, that of an image that they belong to, or that image.
  public long[] unitsOfTexts() {
    Map<Long, Optional<String>> groups = new HashMap<>();
    for (int row : kept(classesOfImages)) {
      groups.putIfAbsent(classesOfImages[row], images.rows().get(row).group());
    }
    Map<String, Long> units = new LinkedHashMap<>();
    return Arrays.stream(kept(classesOfTexts))
        .mapToLong(
            row -> {
              long of = classesOfTexts[row];
              Optional<String> group =
                  texts.rows().get(row).group().or(() -> groups.getOrDefault(of, Optional.empty()));
              return unit(units, group, "class " + of);
            })
        .toArray();
  }

  private static long unit(Map<String, Long> units, Optional<String> group, String alone) {
    String name = group.map(each -> "group " + each).orElse(alone);
    return units.computeIfAbsent(name, _ -> (long) units.size());
  }
}
