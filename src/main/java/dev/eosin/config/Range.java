package dev.eosin.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The numbers a key accepts. On a `List`, `Map` or `Optional` it holds for every number inside.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Range {
  /// The smallest number accepted.
  double min() default Double.NEGATIVE_INFINITY;

  /// The largest number accepted.
  double max() default Double.POSITIVE_INFINITY;

  /// The number must be greater than this one.
  double above() default Double.NEGATIVE_INFINITY;

  /// The number must be less than this one.
  double below() default Double.POSITIVE_INFINITY;
}
