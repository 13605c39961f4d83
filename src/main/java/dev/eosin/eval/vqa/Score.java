package dev.eosin.eval.vqa;

import dev.eosin.eval.Interval;
import dev.eosin.eval.answers.Control;
import java.util.Optional;

/// A figure of some questions under a control.
///
/// @param scorer with its version
/// @param metric its name in logs
/// @param value not a number where nothing can be said
/// @param interval 95 %, over pictures; none for a single picture or where it was not asked for
/// @param questions of the slice that were judged
/// @param rows the answers to them
/// @param pictures the units of the interval
public record Score(
    String scorer,
    String metric,
    Slice slice,
    Control control,
    double value,
    Optional<Interval> interval,
    int questions,
    int rows,
    int pictures) {}
