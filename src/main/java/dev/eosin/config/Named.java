package dev.eosin.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The name in a recipe where it is not the kebab-case of the Java name: `@Named("adamw")` on a
/// record of a choice, on an enum constant or on a component.
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.FIELD, ElementType.RECORD_COMPONENT})
public @interface Named {
  /// The name as a recipe writes it.
  String value();
}
