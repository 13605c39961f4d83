package dev.eosin.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a type that a recipe writes as one scalar, such as `224 px`.
///
/// The type has a `public static T parse(String)` that throws `IllegalArgumentException` with a
/// message naming what was found and how to mend it, and a `toString()` that `parse` reads back to
/// an equal value.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.TYPE)
public @interface WrittenAs {
  /// A regular expression of what `parse` accepts, for the JSON Schema (anchored by the schema).
  String pattern();

  /// Values as a recipe writes them, one of each form.
  String[] example();

  /// Whether the type may also be a bare whole number.
  boolean orNumber() default false;
}
