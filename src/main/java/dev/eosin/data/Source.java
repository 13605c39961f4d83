package dev.eosin.data;

/// A finite, randomly accessible collection of samples. Opening a source checks it: columns,
/// folders, class names.
public interface Source {
  /// Number of samples.
  long size();

  /// The sample at `index` in [0, size). Cheap: nothing is decoded. Thread safe.
  Sample get(long index);

  /// Changes whenever the samples' identity or order changes (file list, table bytes, generator
  /// settings); kept in checkpoints.
  String fingerprint();
}
