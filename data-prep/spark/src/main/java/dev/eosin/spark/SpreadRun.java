package dev.eosin.spark;

import dev.eosin.config.DataException;
import dev.eosin.curate.Curation;
import dev.eosin.curate.rules.CollectionRule;
import dev.eosin.curate.rules.GroupKeys;
import dev.eosin.curate.rules.GroupsRule;
import dev.eosin.curate.rules.KeyedRule;
import dev.eosin.curate.rules.KeyedStep;
import dev.eosin.curate.rules.Likeness;
import dev.eosin.curate.rules.SpreadStep;
import dev.eosin.curate.rules.SpreadSteps;
import dev.eosin.curate.steps.CurationModels;
import dev.eosin.prepare.Row;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/// Takes all rows through all steps on a cluster. Rows stay where they were judged alone; what a
/// step finds by looking at rows beside each other comes to them.
final class SpreadRun {
  private static final StorageLevel KEPT = StorageLevel.MEMORY_AND_DISK_SER();

  private final JavaSparkContext context;
  private final Broadcast<Shared> shared;
  private final Spool spool;
  private final CurationModels models;
  private final Consumer<String> tell;
  private final SpreadSteps steps;
  private final Place.ByRow byRow;
  private final List<Optional<CollectionRule>> rules = new ArrayList<>();
  private JavaRDD<HeldRow> rows;

  /// @param models what steps compute with that are done in one place
  /// @param tell told what is being done
  SpreadRun(
      JavaSparkContext context,
      Shared job,
      Spool spool,
      CurationModels models,
      Consumer<String> tell) {
    this.context = context;
    this.shared = context.broadcast(job);
    this.spool = spool;
    this.models = models;
    this.tell = tell;
    this.steps = job.steps();
    byRow = new Place.ByRow(spool.parts(), spool.each());
    Broadcast<Shared> known = shared;
    List<Integer> parts = IntStream.range(0, spool.parts()).boxed().toList();
    SpoolReader reader = new SpoolReader(spool);
    rows =
        context
            .parallelize(parts, spool.parts())
            .flatMap(part -> judged(part, reader.spool(), known.value()))
            .persist(KEPT);
  }

  private static Iterator<HeldRow> judged(int part, Spool spool, Shared shared)
      throws IOException, InterruptedException {
    Curation curation = shared.curation();
    List<HeldRow> held = new ArrayList<>();
    int position = spool.first(part);
    for (Row row : spool.read(part)) {
      try {
        held.add(HeldRow.of(position++, row, curation.judged(row)));
      } catch (DataException e) {
        throw new DataException("%s: %s".formatted(row.place(), e.getMessage()), e);
      }
    }
    return held.iterator();
  }

  /// Goes through the steps.
  ///
  /// @return the rows in their order, with what became of them
  Iterator<HeldRow> run() throws IOException {
    tell.accept("%,d rows: judging each alone".formatted(spool.rows()));
    rows.foreach(row -> {});
    for (int step = 0; step < steps.count(); step++) {
      SpreadStep spread = steps.spread(step);
      if (!(spread instanceof SpreadStep.Alone)) {
        tell.accept(
            "step %d of %d: %s".formatted(step + 1, steps.count(), steps.reasons().get(step)));
      }
      rules.add(take(step, spread));
    }
    return rows.toLocalIterator();
  }

  /// What each step found besides.
  List<Map<String, String>> found() throws DataException {
    List<Map<String, String>> found = new ArrayList<>();
    for (Optional<CollectionRule> rule : rules) {
      found.add(rule.isPresent() ? rule.get().found() : Map.of());
    }
    return found;
  }

  private Optional<CollectionRule> take(int step, SpreadStep spread) throws IOException {
    JavaRDD<HeldRow> reached = rows.filter(row -> row.reaches(step));
    return switch (spread) {
      case SpreadStep.Alone _ -> Optional.empty();
      case KeyedStep keyed -> keyed(step, keyed, reached);
      case Likeness _ -> {
        alike(step, reached);
        yield Optional.empty();
      }
      case GroupKeys _ -> Optional.of(groups(step, reached));
      case SpreadStep.InOrder _ -> Optional.of(inOrder(step, reached));
    };
  }

  private Optional<CollectionRule> keyed(int step, KeyedStep keyed, JavaRDD<HeldRow> reached) {
    JavaPairRDD<Integer, Found> found =
        KeyedFindings.of(reached, shared, step, spool.parts(), byRow);
    if (!keyed.isCounted()) {
      leave(step, found.mapValues(Found::detail));
      return Optional.empty();
    }
    JavaPairRDD<Integer, Found> sorted =
        found.repartitionAndSortWithinPartitions(byRow).persist(KEPT);
    KeyedRule rule = keyed.rule(key -> true);
    boolean leaves = true;
    for (Iterator<Tuple2<Integer, Found>> each = sorted.toLocalIterator(); each.hasNext(); ) {
      Tuple2<Integer, Found> one = each.next();
      leaves = rule.settle(one._1(), one._2().key(), one._2().detail());
    }
    if (leaves) {
      leave(step, sorted.mapValues(Found::detail));
    }
    sorted.unpersist(false);
    return Optional.of(rule);
  }

  private void alike(int step, JavaRDD<HeldRow> reached) throws IOException {
    var findings = new AlikeFindings(shared, step, spool.parts(), byRow);
    JavaPairRDD<Integer, AlikeFindings.Original> originals = findings.of(reached, () -> rule(step));
    Broadcast<Shared> known = shared;
    leave(
        step,
        reached
            .mapToPair(row -> new Tuple2<>(row.position(), row))
            .partitionBy(byRow)
            .join(originals, byRow)
            .mapValues(
                both -> {
                  var likeness = (Likeness) known.value().steps().spread(step);
                  AlikeFindings.Original original = both._2();
                  return likeness.detail(
                      original.item(),
                      original.position(),
                      known.value().candidate(both._1(), step));
                }));
    findings.close();
  }

  private CollectionRule rule(int step) throws IOException {
    return steps.rule(step, models).orElseThrow();
  }

  private GroupsRule groups(int step, JavaRDD<HeldRow> reached) throws IOException {
    GroupsRule rule = (GroupsRule) rule(step);
    JavaPairRDD<Integer, String> groups =
        GroupFindings.of(reached, shared, step, spool.parts(), byRow, rule);
    replace(
        rows.zipPartitions(
            groups.map(pair -> pair),
            (held, named) -> {
              Map<Integer, String> names = map(named);
              return new Changed(
                  held,
                  row -> {
                    String name = names.get(row.position());
                    return name == null ? row : row.inGroup(name);
                  });
            }));
    return rule;
  }

  private CollectionRule inOrder(int step, JavaRDD<HeldRow> reached) throws IOException {
    CollectionRule rule = rule(step);
    List<Tuple2<Integer, String>> left = new ArrayList<>();
    for (Iterator<HeldRow> each = reached.toLocalIterator(); each.hasNext(); ) {
      HeldRow row = each.next();
      try {
        rule.judge(shared.value().candidate(row, step))
            .ifPresent(detail -> left.add(new Tuple2<>(row.position(), detail)));
      } catch (DataException e) {
        throw Failure.at(row, e);
      }
    }
    leave(step, context.parallelizePairs(left).partitionBy(byRow));
    return rule;
  }

  /// Rows are left out for what was found of them.
  ///
  /// @param found by positions, partitioned as rows are
  private void leave(int step, JavaPairRDD<Integer, String> found) {
    replace(
        rows.zipPartitions(
            found.map(pair -> pair),
            (held, said) -> {
              Map<Integer, String> details = map(said);
              return new Changed(
                  held,
                  row -> {
                    String detail = details.get(row.position());
                    return detail == null ? row : row.leftBy(step, detail);
                  });
            }));
  }

  private static Map<Integer, String> map(Iterator<Tuple2<Integer, String>> pairs) {
    Map<Integer, String> map = new HashMap<>();
    pairs.forEachRemaining(pair -> map.put(pair._1(), pair._2()));
    return map;
  }

  /// The rows as they are now; those before are let go once these are there.
  private void replace(JavaRDD<HeldRow> changed) {
    JavaRDD<HeldRow> before = rows;
    rows = changed.persist(KEPT);
    rows.foreach(row -> {});
    before.unpersist(false);
  }
}
