package dev.eosin.config;

/// One thing that is wrong with a recipe.
///
/// @param place where the offending value comes from
/// @param key the key path, such as `schedule.warmup` or `evaluate.0.every`; empty for a file
/// @param message what was found, what was expected, how to mend it
public record Problem(Place place, String key, String message) {}
