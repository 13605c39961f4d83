package dev.eosin.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// This key stands for another one: a recipe gives one of the two. Where both are given, the one
/// laid over the other counts (a recipe over what it extends, an override over both); both in one
/// place are a problem, and so is neither. Both components are `Optional`.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface InsteadOf {
  /// The path of the other key below this record, such as `model.weights`.
  String value();
}
