package dev.eosin.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// The help of `eosin dist`, which the launcher runs itself because it needs Maven and the sources.
@Command(
    name = "dist",
    mixinStandardHelpOptions = true,
    description = {
      "Make an archive of this checkout that runs without Maven, as 'mvn -Pdist package' does.",
      "Its name is printed; it needs a Java 25 where it is unpacked, and no network."
    })
final class DistCommand implements Runnable {
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(),
        "an archive is made of the sources with Maven; run ./eosin dist in a checkout");
  }
}
