package dev.eosin.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
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
  @Spec private CommandSpec spec;

  @Override
  public void run() {
    var out = spec.commandLine().getOut();
    out.print(AutoComplete.bash("eosin", spec.root().commandLine()));
    out.flush();
  }
}
