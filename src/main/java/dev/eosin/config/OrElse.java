package dev.eosin.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// What a key means when a recipe leaves it out, as YAML text: `@OrElse("[0.9, 0.98]")`.
///
/// The value is shown in the schema and written into the resolved recipe, so nothing stays hidden.
/// A component without it (and not `Optional`) is required.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface OrElse {
  /// A YAML scalar or flow node, for example `1.0`, `5 %`, `[]` or `{ type: random }`.
  String value();
}
