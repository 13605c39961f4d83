package dev.eosin.spark;

import dev.eosin.curate.rules.Likeness;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/// Goes through rows that are sorted by keys: those of one key at a time are in memory.
///
/// @param <V> what is found of a row
final class BucketWalk<V> implements Iterator<Tuple2<Integer, V>> {
  private final Likeness likeness;
  private final Iterator<Tuple2<Place, Compared>> rows;
  private final BiFunction<Bucket, Compared, Optional<V>> look;
  private Bucket bucket;
  private @Nullable Place last;
  private @Nullable Tuple2<Integer, V> next;

  /// @param look at a row that comes to the earlier ones of its key
  BucketWalk(
      Likeness likeness,
      Iterator<Tuple2<Place, Compared>> rows,
      BiFunction<Bucket, Compared, Optional<V>> look) {
    this.likeness = likeness;
    this.rows = rows;
    this.look = look;
    bucket = new Bucket(likeness);
  }

  @Override
  public boolean hasNext() {
    while (next == null && rows.hasNext()) {
      Tuple2<Place, Compared> row = rows.next();
      Place place = row._1();
      if (last == null || last.key() != place.key()) {
        bucket = new Bucket(likeness);
      }
      last = place;
      Optional<V> found = look.apply(bucket, row._2());
      bucket.add(place.position(), row._2());
      found.ifPresent(value -> next = new Tuple2<>(place.position(), value));
    }
    return next != null;
  }

  @Override
  public Tuple2<Integer, V> next() {
    if (!hasNext() || next == null) {
      throw new NoSuchElementException();
    }
    Tuple2<Integer, V> found = next;
    next = null;
    return found;
  }
}
