package dev.eosin.data.batches;

import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.order.Preparation;
import dev.eosin.data.order.SampleOrder;
import dev.eosin.data.shard.LostShardException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Prepares the row of one position: a pure function of the position, for any number of threads.
sealed interface RowReader {
  /// Reads, transforms and tokenises one sample, or its stand-in.
  ///
  /// @throws UncheckedIOException when a whole shard is lost
  /// @throws RuntimeException for anything else but a row that cannot be read
  PreparedRow read(long position);

  /// The endless augmented stream in random order. An unreadable sample is replaced.
  ///
  /// @param order whose key also draws the augmentation
  record Training(Source source, SampleOrder order, Preparation preparation) implements RowReader {
    /// Seventeen unreadable samples in a row mean that nearly all are: no limit allows that.
    static final int REFILL_ATTEMPTS = 16;

    @Override
    public PreparedRow read(long position) {
      long index = order.index(position);
      Sample first = source.get(index);
      try {
        return ready(position, index, first, Optional.empty());
      } catch (IOException e) {
        requireShard(e);
        return refill(position, first.key(), RowReader.reason(e));
      }
    }

    private PreparedRow refill(long position, String key, String reason) {
      List<String> failed = new ArrayList<>();
      for (int attempt = 1; attempt <= REFILL_ATTEMPTS; attempt++) {
        long index = order.refill(position, attempt);
        Sample standIn = source.get(index);
        Optional<String> replacedBy = Optional.of(standIn.key());
        try {
          BadRow bad = new BadRow(position, key, reason, failed, replacedBy);
          return ready(position, index, standIn, Optional.of(bad));
        } catch (IOException e) {
          requireShard(e);
          failed.add(standIn.key());
        }
      }
      return new PreparedRow.Unreadable(
          new BadRow(position, key, reason, failed, Optional.empty()));
    }

    private PreparedRow ready(long position, long index, Sample sample, Optional<BadRow> bad)
        throws IOException {
      Preparation.Prepared inputs = preparation.training(sample, order, position);
      return RowReader.ready(position, source.place(index), sample, inputs, bad);
    }
  }

  /// Each sample once, in the source's order, with its first caption. An unreadable one is left
  /// out: a stand-in would count twice in a metric.
  record Evaluation(Source source, Preparation preparation) implements RowReader {
    @Override
    public PreparedRow read(long position) {
      Sample sample = source.get(position);
      try {
        Preparation.Prepared inputs = preparation.evaluation(sample, position);
        return RowReader.ready(position, source.place(position), sample, inputs, Optional.empty());
      } catch (IOException e) {
        requireShard(e);
        return new PreparedRow.Unreadable(
            new BadRow(position, sample.key(), RowReader.reason(e), List.of(), Optional.empty()));
      }
    }
  }

  private static PreparedRow ready(
      long position, long place, Sample sample, Preparation.Prepared inputs, Optional<BadRow> bad) {
    Batch.Row row =
        new Batch.Row(
            position,
            sample.key(),
            inputs.text(),
            inputs.fit(),
            sample.label(),
            sample.texts(),
            place);
    return new PreparedRow.Ready(row, inputs, bad);
  }

  private static void requireShard(IOException e) {
    if (e instanceof LostShardException) {
      throw new UncheckedIOException(e);
    }
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }
}
