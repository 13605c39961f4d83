package dev.eosin.tensor.vectors;

import java.util.Optional;

/// Whether Java's vectors can be used. The module is incubating: Java has it only where it was
/// started with `--add-modules jdk.incubator.vector`.
public final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";

  private VectorModule() {}

  public static boolean isPresent() {
    return ModuleLayer.boot().findModule(NAME).isPresent();
  }

  /// The width of this machine's vectors in bits; empty where the module is missing.
  public static Optional<Integer> bits() {
    return isPresent() ? Optional.of(Lanes.bits()) : Optional.empty();
  }
}
