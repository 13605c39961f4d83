package dev.eosin.spark;

import java.io.Serial;
import java.io.Serializable;

/// What is compared of a row, where it is sent.
///
/// @param item what its step compares
/// @param asks whether it looks for earlier ones here
/// @param lies whether later ones find it here
/// @param kept whether it is known to be kept
@SuppressWarnings("ArrayRecordComponent") // read only
record Compared(int[] item, boolean asks, boolean lies, boolean kept) implements Serializable {
  @Serial private static final long serialVersionUID = 1L;
}
