package dev.eosin.cli;

import java.util.Optional;
import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// Prints the script that lets a shell complete commands and options.
@Command(
    name = "completion",
    mixinStandardHelpOptions = true,
    description = "Print the completion script for bash and zsh.",
    footer = {
      "",
      "Put this line into ~/.bashrc or ~/.zshrc, with the path of your checkout:",
      "  source <(~/eosin/eosin completion)",
      "It completes eosin, ./eosin and any other path to it."
    })
final class CompletionCommand implements Runnable {
  /// Whose completion it is; zsh reads bash's.
  enum Shell {
    BASH,
    ZSH
  }

  @Spec private CommandSpec spec;

  @Parameters(
      arity = "0..1",
      paramLabel = "SHELL",
      description = "bash or zsh; the script is the same.")
  private Optional<Shell> shell = Optional.empty();

  @Override
  public void run() {
    var out = spec.commandLine().getOut();
    out.print(AutoComplete.bash("eosin", spec.root().commandLine()));
    out.flush();
  }
}
