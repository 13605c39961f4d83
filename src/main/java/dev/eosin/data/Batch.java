package dev.eosin.data;

import dev.eosin.text.EncodedCaption.Fit;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// Rows that are ready for a step; b rows, images of h x w pixels, n ids.
///
/// The arrays belong to the loader and are overwritten after its next `next()`. They are as long as
/// a full batch; only the first b rows count.
///
/// @param firstPosition global position that the batch starts at
/// @param rows the b samples, in order of position
/// @param images [b, 3, h, w] uint8, red first
/// @param height h in pixels
/// @param width w in pixels
/// @param ids [b, n], padded with the tokenizer's padding id
/// @param lengths for each of the b rows, its ids before padding, start and end of text included
/// @param contextLength n
/// @param captionClasses for each of the b rows, the first row with the same ids: the text tower
///   sees no difference between rows of one class
/// @param badRows positions of this batch whose own sample could not be read
/// @param dataWaitNanos how long the step had to wait for the batch
@SuppressWarnings("ArrayRecordComponent") // recycled buffers: identity equality is meant
public record Batch(
    long firstPosition,
    List<Row> rows,
    byte[] images,
    int height,
    int width,
    int[] ids,
    int[] lengths,
    int contextLength,
    int[] captionClasses,
    List<BadRow> badRows,
    long dataWaitNanos) {

  /// Where a row comes from.
  ///
  /// @param position global sample position
  /// @param key of the sample
  /// @param caption the one that the ids were made of; empty where the sample has none
  /// @param fit how the caption came to fit its row
  /// @param label class, where the sample has one
  /// @param captions all that the sample has, before one is drawn and anything is made of it
  /// @param place where its image lies, see [Source#place]
  public record Row(
      long position,
      String key,
      String caption,
      Fit fit,
      Optional<String> label,
      List<String> captions,
      long place) {
    public Row {
      captions = List.copyOf(captions);
    }
  }

  public Batch {
    rows = List.copyOf(rows);
    badRows = List.copyOf(badRows);
  }

  /// The same in arrays of its own, to be kept.
  public Batch copy() {
    return new Batch(
        firstPosition,
        rows,
        images.clone(),
        height,
        width,
        ids.clone(),
        lengths.clone(),
        contextLength,
        captionClasses.clone(),
        badRows,
        dataWaitNanos);
  }

  /// For each of the b rows the first row whose sample has the same captions, before one of them is
  /// drawn, put into a template or cut; rows with the same ids count, too.
  public int[] equalCaptions() {
    int[] classes = firstWith(Row::captions);
    for (int row = 0; row < classes.length; row++) {
      int other = classes[captionClasses[row]];
      int own = classes[row];
      if (other != own) {
        int first = Math.min(other, own);
        int second = Math.max(other, own);
        Arrays.setAll(classes, i -> classes[i] == second ? first : classes[i]);
      }
    }
    return classes;
  }

  /// For each of the b rows the first row with the same label; a row without one is alone.
  public int[] equalLabels() {
    return firstWith(row -> row.label().isPresent() ? row.label() : row);
  }

  /// For each of the b rows the first row whose image lies in the same place.
  public int[] equalImages() {
    return firstWith(Row::place);
  }

  private int[] firstWith(Function<Row, Object> what) {
    Map<Object, Integer> first = HashMap.newHashMap(size());
    int[] classes = new int[size()];
    for (int row = 0; row < classes.length; row++) {
      Integer before = first.putIfAbsent(what.apply(rows.get(row)), row);
      classes[row] = before == null ? row : before;
    }
    return classes;
  }

  /// b, the number of rows.
  public int size() {
    return rows.size();
  }

  /// The largest of `lengths`: ids beyond it are padding in every row.
  public int longest() {
    int longest = 0;
    for (int row = 0; row < size(); row++) {
      longest = Math.max(longest, lengths[row]);
    }
    return longest;
  }

  /// The part of the rows, 0 to 1, whose captions came to fit like this.
  public double share(Fit fit) {
    return (double) rows.stream().filter(row -> row.fit() == fit).count() / Math.max(1, size());
  }

  /// The rows' sample keys, in order.
  public List<String> keys() {
    return rows.stream().map(Row::key).toList();
  }

  /// The rows' captions, in order.
  public List<String> captions() {
    return rows.stream().map(Row::caption).toList();
  }
}
