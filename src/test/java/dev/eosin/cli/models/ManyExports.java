package dev.eosin.cli.models;

import dev.eosin.cli.CommandRun;

/// Exports one model after the other in one process, whatever becomes of each, and prints a line
/// for each: the exit status and what was said.
final class ManyExports {
  private ManyExports() {}

  /// @param arguments model, table or folder to verify on, and what to write, again and again
  public static void main(String[] arguments) {
    for (int i = 0; i + 2 < arguments.length; i += 3) {
      CommandRun run =
          CommandRun.of(
              "export",
              arguments[i],
              "--to",
              "onnx",
              "--verify",
              arguments[i + 1],
              "--out",
              arguments[i + 2]);
      String said =
          String.join("; ", run.err().lines().filter(line -> line.startsWith("eosin: ")).toList());
      System.out.println(run.code() + " " + said);
    }
  }
}
