package dev.eosin.spark;

import dev.eosin.config.DataException;
import java.util.Optional;

/// What went wrong on another machine, as one line.
final class Failure {
  private Failure() {}

  /// Names the row.
  static DataException at(HeldRow row, DataException e) {
    return new DataException("%s: %s".formatted(row.place(), e.getMessage()), e);
  }

  /// The error that a user can mend, of what Spark throws for a job.
  static DataException of(Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof DataException data) {
        return data;
      }
    }
    String first = Optional.ofNullable(e.getMessage()).orElse(e.toString());
    return new DataException(
        "the job failed: "
            + first
                .lines()
                .map(String::strip)
                .filter(line -> !line.isEmpty())
                .findFirst()
                .orElse(""),
        e);
  }
}
