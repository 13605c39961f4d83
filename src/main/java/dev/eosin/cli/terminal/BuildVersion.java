package dev.eosin.cli.terminal;

import java.util.Objects;
import picocli.CommandLine.IVersionProvider;

/// The version in the jar's manifest; classes that run outside a jar have none.
public final class BuildVersion implements IVersionProvider {
  BuildVersion() {}

  @Override
  public String[] getVersion() {
    return new String[] {"eosin " + current()};
  }

  public static String current() {
    return Objects.requireNonNullElse(
        BuildVersion.class.getPackage().getImplementationVersion(), "development");
  }
}
