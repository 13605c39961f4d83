package dev.eosin.eval;

/// A confidence interval.
///
/// @param low lower end
/// @param high upper end
public record Interval(double low, double high) {}
