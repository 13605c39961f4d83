package dev.eosin.spark;

import java.util.Iterator;
import java.util.function.UnaryOperator;

/// Rows after a change of each.
///
/// @param rows before
/// @param change of a row
record Changed(Iterator<HeldRow> rows, UnaryOperator<HeldRow> change) implements Iterator<HeldRow> {
  @Override
  public boolean hasNext() {
    return rows.hasNext();
  }

  @Override
  public HeldRow next() {
    return change.apply(rows.next());
  }
}
