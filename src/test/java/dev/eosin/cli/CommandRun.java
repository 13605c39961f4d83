package dev.eosin.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Arrays;

/// One command run in this process, and what it printed.
///
/// @param code its exit code
public record CommandRun(int code, String out, String err) {
  /// @param arguments each turned into text
  public static CommandRun of(Object... arguments) {
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    int code =
        Main.commandLine()
            .setOut(new PrintWriter(out, true))
            .setErr(new PrintWriter(err, true))
            .execute(Arrays.stream(arguments).map(Object::toString).toArray(String[]::new));
    return new CommandRun(code, out.toString(), err.toString());
  }
}
