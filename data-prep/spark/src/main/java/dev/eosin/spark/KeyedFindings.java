package dev.eosin.spark;

import dev.eosin.config.DataException;
import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.rules.KeyedRule;
import dev.eosin.curate.rules.KeyedStep;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import scala.Tuple2;

/// A step that compares rows with common keys: all rows of a key are sent to one part, where a rule
/// of its own sees them in their order.
final class KeyedFindings {
  private KeyedFindings() {}

  /// What the step finds, by positions of rows.
  ///
  /// @param rows that reach it
  /// @param parts into which keys are divided
  static JavaPairRDD<Integer, Found> of(
      JavaRDD<HeldRow> rows, Broadcast<Shared> shared, int step, int parts, Place.ByRow byRow) {
    return rows.mapPartitionsToPair(held -> sent(held, shared.value(), step, parts))
        .repartitionAndSortWithinPartitions(new Place.ByPart(parts), new Place.Order())
        .mapPartitionsToPair(sent -> found(sent, shared.value(), step, parts))
        .reduceByKey(byRow, Found::first);
  }

  private static KeyedStep step(Shared shared, int step) {
    return (KeyedStep) shared.steps().spread(step);
  }

  private static Iterator<Tuple2<Place, HeldRow>> sent(
      Iterator<HeldRow> rows, Shared shared, int step, int parts) throws DataException {
    KeyedRule rule = step(shared, step).rule(key -> true);
    List<Tuple2<Place, HeldRow>> sent = new ArrayList<>();
    while (rows.hasNext()) {
      HeldRow row = rows.next();
      Candidate candidate = shared.candidate(row, step);
      try {
        rule.keys(candidate).stream()
            .map(key -> Place.part(key, parts))
            .distinct()
            .forEach(part -> sent.add(new Tuple2<>(new Place(part, row.position()), row)));
      } catch (DataException e) {
        throw Failure.at(row, e);
      }
    }
    return sent.iterator();
  }

  private static Iterator<Tuple2<Integer, Found>> found(
      Iterator<Tuple2<Place, HeldRow>> sent, Shared shared, int step, int parts)
      throws IOException {
    List<HeldRow> rows = new ArrayList<>();
    List<Tuple2<Integer, Found>> found = new ArrayList<>();
    if (!sent.hasNext()) {
      return found.iterator();
    }
    Tuple2<Place, HeldRow> first = sent.next();
    rows.add(first._2());
    sent.forEachRemaining(next -> rows.add(next._2()));
    long own = first._1().key();
    KeyedRule rule = step(shared, step).rule(key -> Place.part(key, parts) == own);
    for (HeldRow row : rule.surveys() ? rows : List.<HeldRow>of()) {
      try {
        rule.survey(shared.candidate(row, step));
      } catch (DataException e) {
        throw Failure.at(row, e);
      }
    }
    for (HeldRow row : rows) {
      try {
        rule.find(shared.candidate(row, step))
            .map(finding -> new Found(finding.order(), row.key(), finding.detail()))
            .ifPresent(one -> found.add(new Tuple2<>(row.position(), one)));
      } catch (DataException e) {
        throw Failure.at(row, e);
      }
    }
    return found.iterator();
  }
}
