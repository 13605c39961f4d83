package dev.eosin.spark;

import dev.eosin.config.DataException;
import dev.eosin.curate.rules.GroupKeys;
import dev.eosin.curate.rules.GroupsRule;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/// Groups: rows that share a key meet where it is sent; who is of one group with whom by others is
/// joined in one place, in eight bytes a row.
final class GroupFindings {
  private GroupFindings() {}

  /// The groups of all rows, by their positions.
  ///
  /// @param rows that reach the step, kept
  /// @param rule is told all groups
  static JavaPairRDD<Integer, String> of(
      JavaRDD<HeldRow> rows,
      Broadcast<Shared> shared,
      int step,
      int parts,
      Place.ByRow byRow,
      GroupsRule rule) {
    JavaRDD<Tuple2<Integer, Integer>> pairs =
        rows.mapPartitionsToPair(held -> keys(held, shared.value(), step))
            .repartitionAndSortWithinPartitions(new Place.ByKey(parts), new Place.Order())
            .mapPartitions(GroupFindings::pairs);
    for (Iterator<Tuple2<Integer, Integer>> each = pairs.toLocalIterator(); each.hasNext(); ) {
      Tuple2<Integer, Integer> pair = each.next();
      rule.join(pair._1(), pair._2());
    }
    int[] roots = new int[shared.value().steps().rows()];
    for (int i = 0; i < roots.length; i++) {
      roots[i] = rule.root(i);
    }
    Broadcast<int[]> known = JavaSparkContext.fromSparkContext(rows.context()).broadcast(roots);
    JavaPairRDD<Integer, String> names =
        rows.mapPartitionsToPair(held -> names(held, shared.value(), step, known.value()));
    for (Iterator<Tuple2<Integer, String>> each = names.toLocalIterator(); each.hasNext(); ) {
      Tuple2<Integer, String> row = each.next();
      if (rule.place(row._1())) {
        rule.name(row._1(), row._2());
      }
    }
    return rows.mapToPair(row -> new Tuple2<>(known.value()[row.position()], row.position()))
        .join(names.filter(row -> known.value()[row._1()] == row._1()), byRow)
        .mapToPair(row -> row._2())
        .partitionBy(byRow);
  }

  private static GroupKeys step(Shared shared, int step) {
    return (GroupKeys) shared.steps().spread(step);
  }

  private static Iterator<Tuple2<Place, Boolean>> keys(
      Iterator<HeldRow> rows, Shared shared, int step) throws DataException {
    GroupKeys keys = step(shared, step);
    List<Tuple2<Place, Boolean>> sent = new ArrayList<>();
    while (rows.hasNext()) {
      HeldRow row = rows.next();
      try {
        for (long key : keys.of(shared.candidate(row, step))) {
          sent.add(new Tuple2<>(new Place(key, row.position()), true));
        }
      } catch (DataException e) {
        throw Failure.at(row, e);
      }
    }
    return sent.iterator();
  }

  /// Every row of a key with the first.
  private static Iterator<Tuple2<Integer, Integer>> pairs(Iterator<Tuple2<Place, Boolean>> sorted) {
    List<Tuple2<Integer, Integer>> pairs = new ArrayList<>();
    if (sorted.hasNext()) {
      Place first = sorted.next()._1();
      while (sorted.hasNext()) {
        Place next = sorted.next()._1();
        if (next.key() == first.key()) {
          pairs.add(new Tuple2<>(first.position(), next.position()));
        } else {
          first = next;
        }
      }
    }
    return pairs.iterator();
  }

  /// Of rows that begin a group its name, of others nothing.
  private static Iterator<Tuple2<Integer, String>> names(
      Iterator<HeldRow> rows, Shared shared, int step, int[] roots) throws DataException {
    GroupKeys keys = step(shared, step);
    List<Tuple2<Integer, String>> names = new ArrayList<>();
    while (rows.hasNext()) {
      HeldRow row = rows.next();
      boolean begins = roots[row.position()] == row.position();
      try {
        String name = begins ? keys.name(shared.candidate(row, step)) : "";
        names.add(new Tuple2<>(row.position(), name));
      } catch (DataException e) {
        throw Failure.at(row, e);
      }
    }
    return names.iterator();
  }
}
