package dev.eosin.data.tables;

import dev.eosin.data.Names;

/// Why a row cannot be a sample though its table can be read: it is a bad row when its turn comes.
///
/// @param kind completes "3 rows ...", for example "with an empty answer"
/// @param detail the field, what was found in it, what was expected, and how to mend it
public record RowFlaw(String kind, String detail) {
  /// @param field as the table or the settings name it
  public static RowFlaw of(String kind, String field, String found, String expected, String mend) {
    return new RowFlaw(
        kind, "%s is %s; expected %s; %s".formatted(field, Names.cut(found), expected, mend));
  }
}
