package dev.eosin.data.batches;

import dev.eosin.text.EncodedCaption.Fit;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// Rows that are ready for a step; b rows.
///
/// The arrays belong to the loader and are overwritten after its next `next()`. They are as long as
/// a full batch; only the first b rows count.
///
/// @param firstPosition global position that the batch starts at
/// @param rows the b samples, in order of position
/// @param images of all rows
/// @param tokens of all rows, by the name of the sequence
/// @param badRows positions of this batch whose own sample could not be read
/// @param dataWaitNanos how long the step had to wait for the batch
public record Batch(
    long firstPosition,
    List<Row> rows,
    BatchImages images,
    Map<String, Tokens> tokens,
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
  /// @param place where its image lies, see [dev.eosin.data.Source#place]
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

  /// The sequence that a text tower reads.
  public static final String CAPTION = "caption";

  public Batch {
    rows = List.copyOf(rows);
    tokens = Map.copyOf(tokens);
    badRows = List.copyOf(badRows);
  }

  /// The same in arrays of its own, to be kept.
  public Batch copy() {
    Map<String, Tokens> copies = HashMap.newHashMap(tokens.size());
    tokens.forEach((name, sequence) -> copies.put(name, sequence.copy()));
    return new Batch(firstPosition, rows, images.copy(), copies, badRows, dataWaitNanos);
  }

  /// A sequence by its name.
  ///
  /// @throws IllegalArgumentException when the batch has none of that name
  public Tokens tokens(String name) {
    Tokens found = tokens.get(name);
    if (found == null) {
      throw new IllegalArgumentException(
          "the batch has no ids named %s, but %s".formatted(name, tokens.keySet()));
    }
    return found;
  }

  /// The ids of the captions.
  public Tokens caption() {
    return tokens(CAPTION);
  }

  /// For each of the b rows the first row with the same ids: the text tower sees no difference
  /// between rows of one class.
  public int[] captionClasses() {
    Tokens caption = caption();
    int[] classes = new int[size()];
    Map<IntBuffer, Integer> firstRows = HashMap.newHashMap(size());
    for (int row = 0; row < classes.length; row++) {
      IntBuffer ids = IntBuffer.wrap(caption.ids(), row * caption.width(), caption.lengths()[row]);
      Integer before = firstRows.putIfAbsent(ids, row);
      classes[row] = before == null ? row : before;
    }
    return classes;
  }

  /// By which rows have equal captions: those of their samples, before one of them is drawn, put
  /// into a template or cut; and the ids, which may be equal without that.
  public RowMarks equalCaptions() {
    return RowMarks.of(numbers(), List.of(this::captionsOf, this::idsOf));
  }

  /// By which rows have the same label; a row without one is alone.
  public RowMarks equalLabels() {
    return RowMarks.of(
        rows,
        List.of(
            row ->
                row.label().isPresent()
                    ? ("label " + row.label().get()).getBytes(StandardCharsets.UTF_8)
                    : ("row %d %s".formatted(row.position(), row.key()))
                        .getBytes(StandardCharsets.UTF_8)));
  }

  /// By which rows have an image that lies in the same place.
  public RowMarks equalImages() {
    return RowMarks.of(
        rows, List.of(row -> ByteBuffer.allocate(Long.BYTES).putLong(row.place()).array()));
  }

  private List<Integer> numbers() {
    return IntStream.range(0, size()).boxed().toList();
  }

  /// With their lengths, so that no two lists come out alike.
  private byte[] captionsOf(int row) {
    var bytes = new ByteArrayOutputStream();
    for (String caption : rows.get(row).captions()) {
      byte[] words = caption.getBytes(StandardCharsets.UTF_8);
      bytes.writeBytes(ByteBuffer.allocate(Integer.BYTES).putInt(words.length).array());
      bytes.writeBytes(words);
    }
    return bytes.toByteArray();
  }

  private byte[] idsOf(int row) {
    Tokens caption = caption();
    ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * caption.lengths()[row]);
    bytes.asIntBuffer().put(caption.ids(), row * caption.width(), caption.lengths()[row]);
    return bytes.array();
  }

  /// b, the number of rows.
  public int size() {
    return rows.size();
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
