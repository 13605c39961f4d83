package dev.eosin.spark;

import dev.eosin.curate.rules.Candidate;
import dev.eosin.curate.rules.Prepared;
import dev.eosin.prepare.Row;
import java.io.Serial;
import java.io.Serializable;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A row on its way through the steps, as machines hand it to each other.
///
/// @param position among all rows, from 0
/// @param content of the row, as JSON
/// @param prepared what the steps made of it that look at it alone, as JSON
/// @param alone the number of that of them which left it out, or [#NONE]
/// @param step that left it out which looks at rows beside each other, or [#NONE]
/// @param detail what that step found
/// @param group that a step assigned
@SuppressWarnings("ArrayRecordComponent") // read only
record HeldRow(
    int position,
    String key,
    String place,
    byte[] content,
    byte[] prepared,
    int alone,
    int step,
    String detail,
    @Nullable String group)
    implements Serializable {
  @Serial private static final long serialVersionUID = 1L;

  static final int NONE = Integer.MAX_VALUE;

  static HeldRow of(int position, Row row, Prepared prepared) {
    return new HeldRow(
        position,
        row.key(),
        row.place(),
        Bytes.of(row.content()),
        Bytes.of(prepared.json()),
        prepared.left().map(Prepared.Left::step).orElse(NONE),
        NONE,
        "",
        null);
  }

  /// Whether it comes as far as a step.
  boolean reaches(int number) {
    return step > number && alone > number;
  }

  Row row() {
    return new Row(key, place, Bytes.json(content));
  }

  Prepared judged() {
    return Prepared.of(Bytes.json(prepared));
  }

  Optional<String> assigned() {
    return Optional.ofNullable(group);
  }

  /// What became of it in all steps.
  Optional<Prepared.Left> left() {
    return step < alone && step != NONE
        ? Optional.of(new Prepared.Left(step, detail))
        : judged().left();
  }

  /// As a step sees it.
  ///
  /// @param caption the field of captions
  Candidate candidate(int number, String caption) {
    return Candidate.of(position, row(), judged(), number, caption, assigned());
  }

  HeldRow leftBy(int number, String found) {
    return new HeldRow(position, key, place, content, prepared, alone, number, found, group);
  }

  HeldRow inGroup(String name) {
    return new HeldRow(position, key, place, content, prepared, alone, step, detail, name);
  }
}
