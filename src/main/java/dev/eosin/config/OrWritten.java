package dev.eosin.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// Marks a key that a recipe may also write in a form that its type does not have, since it takes
/// more than the recipe to know the value. Whoever reads such recipes replaces it before they are
/// bound; schema and reference page know both forms.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface OrWritten {
  /// A regular expression of the other form, for the JSON Schema (anchored by the schema).
  String pattern();

  /// A value as a recipe writes it.
  String example();
}
