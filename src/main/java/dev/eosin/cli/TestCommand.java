package dev.eosin.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// The help of `eosin test`, which the launcher runs itself because it needs Maven and the sources.
@Command(
    name = "test",
    mixinStandardHelpOptions = true,
    description = {
      "Build and test everything, as 'mvn verify' does.",
      "'eosin test parity [WORD]' runs only the tests that compare with recorded numbers of other"
          + " implementations, those whose name contains WORD. EOSIN_SHARED=<folder> reads the"
          + " recorded numbers from <folder>/parity instead."
    })
final class TestCommand implements Runnable {
  @Parameters(
      arity = "0..2",
      paramLabel = "parity [WORD]",
      description = "Run only the parity tests, or only those whose name contains WORD.")
  private String[] selection = {};

  @Spec private CommandSpec spec;

  @Override
  public void run() {
    throw new ParameterException(
        spec.commandLine(), "tests need the sources and Maven; run ./eosin test in a checkout");
  }
}
