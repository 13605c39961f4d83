package dev.eosin.data;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/// What a source looked at when it was opened, and what of it are no samples.
///
/// @param lookedAt files, members or rows, with their number
/// @param passedOver one line for each reason; empty where everything became samples
public record Reading(String lookedAt, List<String> passedOver) {
  public Reading {
    passedOver = List.copyOf(passedOver);
  }

  /// Nothing was passed over.
  public Reading(String lookedAt) {
    this(lookedAt, List.of());
  }

  /// The same, with more that was passed over.
  public Reading with(List<String> more) {
    return new Reading(lookedAt, Stream.concat(passedOver.stream(), more.stream()).toList());
  }

  /// Those of several sources as one.
  ///
  /// @param names of the sources, in the order of `readings`
  public static Reading joined(List<String> names, List<Reading> readings) {
    List<String> lookedAt = new ArrayList<>();
    List<String> passedOver = new ArrayList<>();
    for (int i = 0; i < names.size(); i++) {
      String name = names.get(i) + ": ";
      lookedAt.add(name + readings.get(i).lookedAt);
      readings.get(i).passedOver.forEach(line -> passedOver.add(name + line));
    }
    return new Reading(String.join("; ", lookedAt), passedOver);
  }
}
