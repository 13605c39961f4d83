package dev.eosin.eval.probes;

import dev.eosin.eval.Interval;
import java.util.Optional;

/// A number with its 95 % interval over groups; NaN where it is not defined.
public record Figure(double value, Optional<Interval> interval) {}
