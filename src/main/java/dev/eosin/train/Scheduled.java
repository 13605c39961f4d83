package dev.eosin.train;

import java.util.Optional;

/// An evaluation and when it runs.
///
/// @param score the metric by which checkpoints are ranked; higher is better
public record Scheduled(Evaluation evaluation, Cadence cadence, Optional<String> score) {}
