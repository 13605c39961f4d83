package dev.eosin.tensor.vectors;

import java.lang.module.ModuleFinder;
import java.util.Optional;

/// Whether Java's vectors can be used. The module is incubating: Java has it only where it was
/// started with `--add-modules jdk.incubator.vector`.
public final class VectorModule {
  private static final String NAME = "jdk.incubator.vector";

  private VectorModule() {}

  public static boolean isPresent() {
    return ModuleLayer.boot().findModule(NAME).isPresent();
  }

  /// Whether this Java has the module, so that it can be started with it.
  public static boolean isInstalled() {
    return ModuleFinder.ofSystem().find(NAME).isPresent();
  }

  /// The width of this machine's vectors in bits; empty where the module is missing.
  public static Optional<Integer> bits() {
    return isPresent() ? Optional.of(Lanes.bits()) : Optional.empty();
  }
}
