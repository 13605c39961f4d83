package dev.eosin.data.batches;

import java.util.List;
import java.util.Optional;

/// A position of the sample stream whose image could not be read.
///
/// @param position global sample position
/// @param key the sample that stood there
/// @param reason one line saying what is wrong with it
/// @param failedRefills keys of stand-ins that could not be read either, in order
/// @param replacedBy key of the sample that stands in; empty where none does
public record BadRow(
    long position,
    String key,
    String reason,
    List<String> failedRefills,
    Optional<String> replacedBy) {
  public BadRow {
    failedRefills = List.copyOf(failedRefills);
  }
}
