package dev.eosin.prepare;

/// How far a run is.
///
/// @param done rows that have an outcome
/// @param rows all
/// @param rejected of those done
/// @param failed rows that failed in this run
/// @param spent by all runs
/// @param rowsPerSecond of this run
/// @param secondsLeft at that rate; infinite before the first row of this run is done
public record PreparationProgress(
    long done,
    long rows,
    long rejected,
    long failed,
    Cost spent,
    double rowsPerSecond,
    double secondsLeft) {}
