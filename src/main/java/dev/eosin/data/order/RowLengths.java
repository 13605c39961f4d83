package dev.eosin.data.order;

import dev.eosin.config.DataException;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.Source;
import java.io.IOException;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// How long every row of a source is, found out before training: four bytes a sample.
public final class RowLengths {
  private static final int SHOWN = 20;

  private final String name;
  private final Source source;
  private final MeasuredPreparation rows;
  private final int[] ids;
  private final BitSet pictured = new BitSet();
  private final BitSet flawed = new BitSet();

  /// @param name of the source in messages
  private RowLengths(String name, Source source, MeasuredPreparation rows) {
    this.name = name;
    this.source = source;
    this.rows = rows;
    this.ids = new int[Math.toIntExact(source.size())];
  }

  /// Looks at the text of every sample; samples that cannot be rows count as of no length.
  ///
  /// @throws ArithmeticException for a source beyond 2^31 - 1 samples
  public static RowLengths of(String name, Source source, MeasuredPreparation rows) {
    var lengths = new RowLengths(name, source, rows);
    IntStream.range(0, lengths.ids.length).parallel().forEach(lengths::measure);
    return lengths;
  }

  private void measure(int sample) {
    MeasuredPreparation.Size size;
    try {
      size = rows.size(source.get(sample));
    } catch (IOException e) {
      return; // A row that cannot be read is a bad row: counted and listed when its turn comes.
    }
    ids[sample] = size.ids();
    synchronized (this) {
      pictured.set(sample, size.pictured());
      flawed.set(sample, size.flaw().isPresent());
    }
  }

  public Source source() {
    return source;
  }

  int ids(long sample) {
    return ids[Math.toIntExact(sample)];
  }

  boolean pictured(long sample) {
    return pictured.get(Math.toIntExact(sample));
  }

  /// Those that are not too long, in order.
  public int[] fitting() {
    return samples(sample -> !tooLong(sample));
  }

  private boolean tooLong(int sample) {
    return ids[sample] > rows.longest();
  }

  private int[] samples(IntPredicate which) {
    return IntStream.range(0, ids.length).filter(which).toArray();
  }

  /// What becomes of rows that are too long, for a person; empty where there is none.
  ///
  /// @throws DataException when rows are refused, none is left, or nothing can be learned of one
  public Optional<String> verdict(OverLength rule) throws DataException {
    int[] tooLong = samples(this::tooLong);
    if (tooLong.length == ids.length && rule == OverLength.DROP) {
      throw new DataException(
          "%s: every row has more than %d ids, so that none is left; allow more: %s"
              .formatted(name, rows.longest(), listed(tooLong)));
    }
    requireWorth(samples(s -> flawed.get(s) && !(rule == OverLength.DROP && tooLong(s))));
    if (tooLong.length == 0) {
      return Optional.empty();
    }
    String found =
        String.format(
            Locale.ROOT,
            "%s: %,d of %,d rows have more than %,d ids, %s: %s",
            name,
            tooLong.length,
            ids.length,
            rows.longest(),
            switch (rule) {
              case CUT -> "and are cut";
              case DROP -> "and are left out";
              case REFUSE -> "and over-length is refuse; allow more, or let it cut or drop";
            },
            listed(tooLong));
    if (rule == OverLength.REFUSE) {
      throw new DataException(found);
    }
    return Optional.of(found);
  }

  private void requireWorth(int[] samples) throws DataException {
    if (samples.length > 0) {
      throw new DataException(
          String.format(
              Locale.ROOT,
              "%s: nothing can be learned of %,d of %,d rows: %s. The first: %s. Allow more ids, or let over-length drop such rows",
              name,
              samples.length,
              ids.length,
              listed(samples),
              reason(samples[0])));
    }
  }

  private String reason(int sample) {
    try {
      return rows.size(source.get(sample)).flaw().orElseThrow();
    } catch (IOException e) {
      return String.valueOf(e.getMessage());
    }
  }

  private String listed(int[] samples) {
    List<String> first =
        Arrays.stream(samples)
            .limit(SHOWN)
            .mapToObj(s -> "row %d (%s) %d".formatted(s + 1, source.get(s).key(), ids[s]))
            .toList();
    String more = samples.length > SHOWN ? ", and %d more".formatted(samples.length - SHOWN) : "";
    return String.join(", ", first) + more;
  }

  /// What was left out, for a fingerprint.
  public String choice() {
    var left = new Fingerprint();
    Arrays.stream(samples(this::tooLong)).forEach(sample -> left.add(String.valueOf(sample)));
    return "rows of at most %d ids, without %s".formatted(rows.longest(), left.hex());
  }

  /// The lengths of some of the samples, for a source of them alone.
  ///
  /// @param of the samples
  public RowLengths of(Source fewer, int... of) {
    var lengths = new RowLengths(name, fewer, rows);
    for (int i = 0; i < of.length; i++) {
      lengths.ids[i] = ids[of[i]];
      lengths.pictured.set(i, pictured.get(of[i]));
      lengths.flawed.set(i, flawed.get(of[i]));
    }
    return lengths;
  }

  /// For a person: how long rows are.
  public String summary() {
    long sum = Arrays.stream(ids).asLongStream().sum();
    return String.format(
        Locale.ROOT,
        "%s: rows have %.0f ids on average, %,d at most, %,d are allowed",
        name,
        (double) sum / ids.length,
        Arrays.stream(ids).max().orElseThrow(),
        rows.longest());
  }
}
