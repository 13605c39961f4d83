package dev.eosin.spark;

import dev.eosin.curate.rules.CollectionRule;
import dev.eosin.curate.rules.Likeness;
import dev.eosin.spark.Bucket.Verdict;
import dev.eosin.spark.Sending.As;
import java.io.IOException;
import java.io.Serial;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/// A step that leaves out rows which are like an earlier one that is kept.
///
/// Whether a row is kept depends on all before it that are like it, so it is found in rounds: who
/// is like no earlier row that is still open is kept, and leaves out those that are like it. A
/// chain of rows of which each is like the next takes a round for every second; what is open after
/// some rounds is left to the rule itself, in one place.
final class AlikeFindings {
  /// Rounds until one place does the rest.
  static final int MOST_ROUNDS = 8;

  private static final StorageLevel KEPT = StorageLevel.MEMORY_AND_DISK_SER();

  private final Broadcast<Shared> shared;
  private final int step;
  private final Place.ByKey byKey;
  private final Place.ByRow byRow;
  private final List<JavaPairRDD<?, ?>> stored = new ArrayList<>();

  AlikeFindings(Broadcast<Shared> shared, int step, int parts, Place.ByRow byRow) {
    this.shared = shared;
    this.step = step;
    this.byKey = new Place.ByKey(parts);
    this.byRow = byRow;
  }

  /// The first row that is kept and like another, by the positions of those others.
  record Original(int position, int[] item) implements Serializable {
    @Serial private static final long serialVersionUID = 1L;
  }

  /// What the step finds, by positions of rows.
  ///
  /// @param rows that reach it
  /// @param rest for what is open after some rounds
  JavaPairRDD<Integer, Original> of(JavaRDD<HeldRow> rows, Rest rest) throws IOException {
    Broadcast<Shared> known = shared;
    int number = step;
    JavaPairRDD<Integer, int[]> all =
        keep(
            rows.mapPartitionsToPair(held -> items(held, known.value(), number))
                .partitionBy(byRow));
    JavaPairRDD<Integer, int[]> open = all;
    JavaPairRDD<Integer, int[]> fresh = all.filter(row -> false);
    JavaPairRDD<Integer, int[]> kept = fresh;
    for (int round = 0; round < MOST_ROUNDS && !open.isEmpty(); round++) {
      JavaPairRDD<Integer, Verdict> verdicts = verdicts(open, fresh);
      JavaPairRDD<Integer, Tuple2<int[], org.apache.spark.api.java.Optional<Verdict>>> judged =
          keep(open.leftOuterJoin(verdicts, byRow));
      fresh = judged.filter(row -> !row._2()._2().isPresent()).mapValues(Tuple2::_1);
      open =
          judged
              .filter(row -> row._2()._2().isPresent() && row._2()._2().get() == Verdict.WAITS)
              .mapValues(Tuple2::_1);
      kept = kept.union(fresh);
    }
    if (!open.isEmpty()) {
      kept = kept.union(rest(rows, open, fresh, rest.rule()));
    }
    JavaPairRDD<Integer, int[]> left = all.subtractByKey(kept, byRow);
    return originals(left, kept);
  }

  /// The rule of all rows, opened where there is a rest.
  @FunctionalInterface
  interface Rest {
    CollectionRule rule() throws IOException;
  }

  /// Those that are kept of the open ones; the last that were kept come before and among them.
  private JavaPairRDD<Integer, int[]> rest(
      JavaRDD<HeldRow> rows,
      JavaPairRDD<Integer, int[]> open,
      JavaPairRDD<Integer, int[]> fresh,
      CollectionRule rule)
      throws IOException {
    JavaPairRDD<Integer, Tuple2<HeldRow, int[]>> some =
        rows.mapToPair(row -> new Tuple2<>(row.position(), row))
            .join(open.union(fresh), byRow)
            .repartitionAndSortWithinPartitions(byRow);
    List<Integer> keeps = new ArrayList<>();
    for (Iterator<Tuple2<Integer, Tuple2<HeldRow, int[]>>> each = some.toLocalIterator();
        each.hasNext(); ) {
      HeldRow row = each.next()._2()._1();
      if (rule.judge(shared.value().candidate(row, step)).isEmpty()) {
        keeps.add(row.position());
      }
    }
    JavaPairRDD<Integer, Boolean> positions =
        JavaSparkContext.fromSparkContext(rows.context())
            .parallelize(keeps)
            .mapToPair(position -> new Tuple2<>(position, true));
    return keep(open.join(positions, byRow).mapValues(Tuple2::_1));
  }

  private static Iterator<Tuple2<Integer, int[]>> items(
      Iterator<HeldRow> rows, Shared shared, int step) {
    Likeness likeness = (Likeness) shared.steps().spread(step);
    List<Tuple2<Integer, int[]>> items = new ArrayList<>();
    while (rows.hasNext()) {
      HeldRow row = rows.next();
      Optional<int[]> item = likeness.compared(shared.candidate(row, step));
      item.ifPresent(compared -> items.add(new Tuple2<>(row.position(), compared)));
    }
    return items.iterator();
  }

  private JavaPairRDD<Integer, Verdict> verdicts(
      JavaPairRDD<Integer, int[]> open, JavaPairRDD<Integer, int[]> fresh) {
    Broadcast<Shared> known = shared;
    int number = step;
    return met(sent(open, As.OPEN), fresh)
        .mapPartitionsToPair(
            sent -> {
              var likeness = (Likeness) known.value().steps().spread(number);
              return new BucketWalk<>(likeness, sent, Bucket::verdict);
            })
        .reduceByKey(byRow, (a, b) -> a.compareTo(b) >= 0 ? a : b);
  }

  private JavaPairRDD<Integer, Original> originals(
      JavaPairRDD<Integer, int[]> left, JavaPairRDD<Integer, int[]> kept) {
    Broadcast<Shared> known = shared;
    int number = step;
    return met(sent(left, As.LEFT), kept)
        .mapPartitionsToPair(
            sent -> {
              var likeness = (Likeness) known.value().steps().spread(number);
              return new BucketWalk<>(
                  likeness,
                  sent,
                  (bucket, row) ->
                      bucket
                          .original(row)
                          .map(earlier -> new Original(earlier.position(), earlier.item())));
            })
        .reduceByKey(byRow, (a, b) -> b.position() < a.position() ? b : a);
  }

  /// All rows where their keys meet, in their order.
  private JavaPairRDD<Place, Compared> met(
      JavaPairRDD<Place, Compared> asking, JavaPairRDD<Integer, int[]> kept) {
    return asking
        .union(sent(kept, As.KEPT))
        .repartitionAndSortWithinPartitions(byKey, new Place.Order());
  }

  private JavaPairRDD<Place, Compared> sent(JavaPairRDD<Integer, int[]> rows, As as) {
    Broadcast<Shared> known = shared;
    int number = step;
    return rows.mapPartitionsToPair(
        all -> {
          var likeness = (Likeness) known.value().steps().spread(number);
          return new Sending(likeness, all, as);
        });
  }

  private <K, V> JavaPairRDD<K, V> keep(JavaPairRDD<K, V> rows) {
    stored.add(rows);
    return rows.persist(KEPT);
  }

  /// Lets go of what rounds kept.
  void close() {
    stored.forEach(rows -> rows.unpersist(false));
  }
}
