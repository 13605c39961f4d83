package dev.eosin.cli;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/// The version in the jar's manifest; classes that run outside a jar have none.
final class BuildVersion implements IVersionProvider {
  BuildVersion() {}

  @Override
  public String[] getVersion() {
    return new String[] {"eosin " + current()};
  }

  static String current() {
    return Objects.requireNonNullElse(
        BuildVersion.class.getPackage().getImplementationVersion(), "development");
  }
}
