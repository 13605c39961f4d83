package dev.eosin.spark;

import dev.eosin.curate.rules.Likeness;
import java.util.Collections;
import java.util.Iterator;
import scala.Tuple2;

/// Sends what is compared to where its keys meet others; one row's at a time are in memory.
final class Sending implements Iterator<Tuple2<Place, Compared>> {
  private final Likeness likeness;
  private final Iterator<Tuple2<Integer, int[]>> rows;
  private final As as;
  private Iterator<Tuple2<Place, Compared>> some = Collections.emptyIterator();

  /// What is known of rows.
  enum As {
    /// They look for earlier ones, and later ones find them.
    OPEN,
    /// They only look for earlier ones.
    LEFT,
    /// Later ones find them.
    KEPT
  }

  Sending(Likeness likeness, Iterator<Tuple2<Integer, int[]>> rows, As as) {
    this.likeness = likeness;
    this.rows = rows;
    this.as = as;
  }

  @Override
  public boolean hasNext() {
    while (!some.hasNext() && rows.hasNext()) {
      Tuple2<Integer, int[]> row = rows.next();
      some =
          Bucket.keys(likeness, row._2(), as)
              .map(to -> new Tuple2<>(new Place(to.key(), row._1()), to.row()))
              .iterator();
    }
    return some.hasNext();
  }

  @Override
  public Tuple2<Place, Compared> next() {
    hasNext();
    return some.next();
  }
}
