package dev.eosin.eval.activations;

import dev.eosin.group.Group;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;

/// Rows that ranks look at by turns, so many neighbours each, and that come to the first rank in
/// their order: no row is left out or comes twice, however many ranks there are and wherever the
/// last turn ends. Every rank brings the rows of a turn to the others before it goes on, and all
/// stop behind the same turn. A process alone takes each row as it comes.
///
/// A rank's rows have to come in their order, from [#own()].
public final class RankedRows {
  private final Group group;
  private final long from;
  private final long all;
  private final int turn;
  private final Taker taker;
  private final BooleanSupplier stop;
  private final List<Found> waiting = new ArrayList<>();
  private long rounds;
  private boolean stopped;

  /// What was found of a row.
  ///
  /// @param states of each layer `[layers][c]`; none where it was left out
  /// @param leftOut why it was, in one line
  /// @param computed whether it was computed now, and not known before
  public record Found(
      ActivationRow row, float[][] states, Optional<String> leftOut, boolean computed) {
    /// A row without states.
    public static Found leftOut(ActivationRow row, String reason) {
      return new Found(row, new float[0][], Optional.of(reason), false);
    }
  }

  /// Takes the rows of all ranks in their order, on the first rank.
  public interface Taker {
    /// @param own whether this rank found it
    void take(Found row, boolean own) throws IOException;
  }

  private RankedRows(
      Group group, long from, long all, int turn, Taker taker, BooleanSupplier stop) {
    this.group = group;
    this.from = from;
    this.all = all;
    this.turn = turn;
    this.taker = taker;
    this.stop = stop;
  }

  /// Begins to share rows; every rank calls it.
  ///
  /// @param done rows that were done before, as the first rank knows
  /// @param turn rows that a rank looks at before the next one's
  /// @param taker of the first rank; not called on others
  /// @param stop asked on every rank
  public static RankedRows share(
      Group group, long done, long all, int turn, Taker taker, BooleanSupplier stop) {
    long from = Math.round(group.sum(group.isFirst() ? done : 0));
    return new RankedRows(group, from, all, turn, taker, stop);
  }

  /// Rows of this rank, in their order.
  public PrimitiveIterator.OfLong own() {
    return LongStream.range(from, all)
        .filter(row -> (row - from) / turn % group.size() == group.rank())
        .iterator();
  }

  /// Brings the next of this rank's rows; those behind the turn at which all stop are dropped.
  public void add(Found row) throws IOException {
    if (group.size() == 1) {
      taker.take(row, true);
    } else if (!stopped) {
      waiting.add(row);
      if (waiting.size() == turn) {
        round();
      }
    }
  }

  /// Whether all are to stop; a process alone asks at once.
  public boolean stopped() {
    return group.size() == 1 ? stop.getAsBoolean() : stopped;
  }

  /// Takes part in the turns that are left, once this rank's rows are through.
  ///
  /// @return false where all stopped before the end
  public boolean finish() throws IOException {
    long turns = Math.ceilDiv(all - from, (long) turn);
    while (group.size() > 1 && !stopped && rounds < Math.ceilDiv(turns, (long) group.size())) {
      round();
    }
    return !stopped;
  }

  private void round() throws IOException {
    List<byte[]> found = group.exchange(bytes(waiting));
    waiting.clear();
    rounds++;
    if (group.isFirst()) {
      for (int rank = 0; rank < found.size(); rank++) {
        for (Found row : rows(found.get(rank))) {
          taker.take(row, rank == group.rank());
        }
      }
    }
    stopped = group.any(stop.getAsBoolean());
  }

  private static byte[] bytes(List<Found> rows) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeInt(rows.size());
    for (Found row : rows) {
      write(out, row.row().line());
      out.writeBoolean(row.leftOut().isPresent());
      if (row.leftOut().isPresent()) {
        write(out, row.leftOut().get());
      }
      out.writeBoolean(row.computed());
      out.writeInt(row.states().length);
      for (float[] layer : row.states()) {
        out.writeInt(layer.length);
        for (float value : layer) {
          out.writeFloat(value);
        }
      }
    }
    return bytes.toByteArray();
  }

  private static List<Found> rows(byte[] bytes) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(bytes));
    int count = in.readInt();
    List<Found> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      ActivationRow row = ActivationRow.ofLine(read(in));
      Optional<String> leftOut = in.readBoolean() ? Optional.of(read(in)) : Optional.empty();
      boolean computed = in.readBoolean();
      float[][] states = new float[in.readInt()][];
      for (int layer = 0; layer < states.length; layer++) {
        states[layer] = new float[in.readInt()];
        for (int c = 0; c < states[layer].length; c++) {
          states[layer][c] = in.readFloat();
        }
      }
      rows.add(new Found(row, states, leftOut, computed));
    }
    return rows;
  }

  private static void write(DataOutputStream out, String text) throws IOException {
    byte[] words = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(words.length);
    out.write(words);
  }

  private static String read(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }
}
