package dev.eosin.cli;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.file.RenewedLibrary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/// Writes the classes of a library once more in this Java's format, as Java's AOT cache needs them.
/// The launcher runs it before it makes the cache.
@Command(name = "renew", hidden = true)
final class RenewCommand implements Callable<Integer> {
  @Parameters(index = "0", paramLabel = "JAR", description = "The library.")
  private Path library = Path.of("");

  @Parameters(index = "1", paramLabel = "OUT", description = "The jar that is written.")
  private Path renewed = Path.of("");

  @Override
  public Integer call() throws IOException {
    RenewedLibrary.write(library, renewed);
    return ExitCode.DONE;
  }
}
