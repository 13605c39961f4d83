package dev.eosin.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/// The component whose value may stand for the whole record where nothing else is to say:
/// `initialise-from: runs/first` for `initialise-from: { run: runs/first }`. A record has one at
/// most, of a type that is written as a scalar.
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Bare {}
