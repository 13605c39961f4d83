package dev.eosin.experiment;

/// How far a run goes.
///
/// @param evaluatedSamples of each evaluation at most, spread over its set
/// @param exportsWhenStopped whether the model is written also where the run is asked to stop
public record Extent(int evaluatedSamples, boolean exportsWhenStopped) {
  /// Everything.
  public static final Extent WHOLE = new Extent(Integer.MAX_VALUE, false);
}
