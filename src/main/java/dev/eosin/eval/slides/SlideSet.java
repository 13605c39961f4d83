package dev.eosin.eval.slides;

import dev.eosin.config.DataException;
import dev.eosin.data.slides.SampleTable;
import dev.eosin.eval.probes.LabelOrder;
import dev.eosin.eval.tiles.TileClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;

/// Slides or patients with the features of their tiles.
///
/// @param name of the table, for messages
/// @param samples that have tiles, in the table's order
/// @param folds names of the folds
/// @param notes what was left out, one line each
public record SlideSet(String name, List<Sample> samples, List<String> folds, List<String> notes) {
  private static final int SHOWN = 5;

  /// A slide or patient.
  ///
  /// @param entry of the table
  /// @param slides features of each slide's tiles `[n][c]`
  public record Sample(SampleTable.Entry entry, List<float[][]> slides) {
    public Sample {
      slides = List.copyOf(slides);
    }
  }

  /// How several slides of a sample become one answer.
  public enum Fusion {
    /// All tiles in one bag.
    EARLY,
    /// Each slide by itself; the mean of what is said.
    LATE
  }

  public SlideSet {
    samples = List.copyOf(samples);
    folds = List.copyOf(folds);
    notes = List.copyOf(notes);
  }

  /// Joins a table with features.
  ///
  /// @param slideOf the slide of each vector
  /// @param vectors of tiles `[n][c]`
  /// @param leaveOut whether a slide of the table without a tile is left out, and said
  /// @throws DataException when a slide has no tile, or none of the samples has any
  public static SlideSet of(
      SampleTable table, List<Optional<String>> slideOf, float[][] vectors, boolean leaveOut)
      throws DataException {
    Map<String, List<float[]>> bySlide = new LinkedHashMap<>();
    for (int tile = 0; tile < vectors.length; tile++) {
      if (slideOf.get(tile).isEmpty()) {
        throw new DataException(
            "the features say of tile %d no group, which is its slide; embed them with a column of groups"
                .formatted(tile));
      }
      bySlide.computeIfAbsent(slideOf.get(tile).get(), s -> new ArrayList<>()).add(vectors[tile]);
    }
    List<Sample> samples = new ArrayList<>();
    List<String> without = new ArrayList<>();
    for (SampleTable.Entry entry : table.samples()) {
      List<float[][]> slides = new ArrayList<>();
      for (String slide : entry.slides()) {
        List<float[]> tiles = bySlide.get(slide);
        if (tiles == null) {
          without.add(slide);
        } else {
          slides.add(tiles.toArray(float[][]::new));
        }
      }
      if (!slides.isEmpty()) {
        samples.add(new Sample(entry, slides));
      }
    }
    List<String> notes = new ArrayList<>();
    if (!without.isEmpty()) {
      String said =
          "%d slides of the table have no tile among the features, for example %s"
              .formatted(without.size(), without.stream().limit(SHOWN).toList());
      if (!leaveOut || samples.isEmpty()) {
        throw new DataException(
            "%s: %s; the features have %s. Embed them, or write missing: leave-out"
                .formatted(table.file(), said, bySlide.keySet().stream().limit(SHOWN).toList()));
      }
      notes.add(said + "; left out");
    }
    return new SlideSet(table.file().toString(), samples, table.folds(), notes);
  }

  /// The samples on a side of a fold.
  int[] side(int fold, SampleTable.Side side) {
    return IntStream.range(0, samples.size())
        .filter(sample -> samples.get(sample).entry().sides().get(fold) == side)
        .toArray();
  }

  /// The classes of some samples.
  ///
  /// @param rows that are asked for; what the table says of others does not matter
  /// @param column of labels
  /// @param names of the labels by what the table has for them, or the other way round
  /// @return of each row asked for
  /// @throws DataException naming a label that is not listed, or a sample without one
  int[] classes(int[] rows, String column, List<TileClass> classes, Map<String, String> names)
      throws DataException {
    List<String> labels = classes.stream().map(TileClass::label).toList();
    Map<String, String> unknown = new TreeMap<>();
    int[] found = new int[rows.length];
    for (int i = 0; i < found.length; i++) {
      SampleTable.Entry entry = samples.get(rows[i]).entry();
      String said = said(entry, column);
      found[i] = labels.indexOf(names.getOrDefault(said, said));
      if (found[i] < 0) {
        unknown.put(said, entry.id());
      }
    }
    if (!unknown.isEmpty()) {
      throw new DataException(
          "%s: %s: the labels %s are not among the classes %s"
              .formatted(name, column, unknown, labels));
    }
    return found;
  }

  private String said(SampleTable.Entry entry, String column) throws DataException {
    String said = entry.values().getOrDefault(column, "");
    if (said.isBlank()) {
      throw new DataException(
          "%s: %s of %s is blank; give it a label, or leave it out of every fold"
              .formatted(name, column, entry.id()));
    }
    return said;
  }

  /// The labels of the samples that are on a side of some fold, in the order of [LabelOrder].
  ///
  /// @throws DataException naming a sample without one
  public List<TileClass> found(String column, Map<String, String> names) throws DataException {
    List<String> labels = new ArrayList<>();
    for (Sample sample : samples) {
      if (sample.entry().sides().stream().anyMatch(side -> side != SampleTable.Side.NONE)) {
        String said = said(sample.entry(), column);
        labels.add(names.getOrDefault(said, said));
      }
    }
    return LabelOrder.classes(this.name, labels.stream()).stream()
        .map(label -> new TileClass(label, List.of()))
        .toList();
  }

  /// One vector for a sample: the mean over all tiles, or over the slides' means.
  double[] mean(int sample, Fusion fusion) {
    List<float[][]> slides = samples.get(sample).slides();
    double[] sum = new double[slides.getFirst()[0].length];
    long all = slides.stream().mapToLong(slide -> slide.length).sum();
    for (float[][] slide : slides) {
      double weight =
          switch (fusion) {
            case EARLY -> 1.0 / all;
            case LATE -> 1.0 / slide.length / slides.size();
          };
      for (float[] tile : slide) {
        Arrays.setAll(sum, i -> sum[i] + weight * tile[i]);
      }
    }
    return sum;
  }

  /// What is looked at as one: all tiles together, or each slide's.
  List<float[][]> bags(int sample, Fusion fusion) {
    List<float[][]> slides = samples.get(sample).slides();
    return switch (fusion) {
      case LATE -> slides;
      case EARLY ->
          List.<float[][]>of(slides.stream().flatMap(Arrays::stream).toArray(float[][]::new));
    };
  }
}
