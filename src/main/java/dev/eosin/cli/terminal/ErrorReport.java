package dev.eosin.cli.terminal;

import dev.eosin.config.MachineException;
import dev.eosin.config.RecipeException;
import dev.eosin.tensor.KernelException;
import dev.eosin.train.DivergedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/// What a failed command tells its user: one message, and an exit code that scripts can act on.
///
/// @param exitCode one of [ExitCode]
/// @param message for stderr, without a stack trace
/// @param bug whether nobody foresaw this failure, so that its stack trace is worth keeping
public record ErrorReport(int exitCode, String message, boolean bug) {

  /// Sorts a failure into the user's mistakes, bad data and our own bugs.
  public static ErrorReport of(Throwable failure) {
    String message = String.valueOf(failure.getMessage());
    return switch (failure) {
      case UncheckedIOException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
      case CompletionException wrapper when wrapper.getCause() != null -> of(wrapper.getCause());
      case RecipeException recipe when recipe.fileUnreadable() ->
          new ErrorReport(ExitCode.DATA, message, false);
      case RecipeException _ -> new ErrorReport(ExitCode.USAGE, message, false);
      case IOException data -> new ErrorReport(ExitCode.DATA, describe(data), false);
      case MachineException _, DivergedException _ -> foreseen(message);
      case KernelException kernel when kernel.outOfMemory() ->
          foreseen("the device has no memory left; lower batch.micro or batch.global\n" + message);
      case OutOfMemoryError _ ->
          foreseen("the Java heap is full (" + message + "); try EOSIN_JAVA_OPTS=-Xmx8g");
      default ->
          invalidPath(failure)
              .orElseGet(() -> new ErrorReport(ExitCode.OTHER, "internal error: " + failure, true));
    };
  }

  /// A name that no path may have comes from data or from the locale, wherever it turns up.
  private static Optional<ErrorReport> invalidPath(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof InvalidPathException path) {
        return Optional.of(
            new ErrorReport(
                ExitCode.DATA,
                "'%s' cannot be a path (%s); names of files are read in %s: where that is not UTF-8, start through ./eosin or set LC_ALL=C.UTF-8"
                    .formatted(
                        path.getInput(),
                        path.getReason(),
                        System.getProperty("sun.jnu.encoding", "UTF-8")),
                false));
      }
    }
    return Optional.empty();
  }

  private static ErrorReport foreseen(String message) {
    return new ErrorReport(ExitCode.OTHER, message, false);
  }

  /// Prints the message; the stack trace follows when asked for, and a bug's goes to a file.
  public void print(PrintWriter err, Throwable failure, boolean debug) {
    err.println(Colours.ofStderr().bad("eosin:") + " " + message);
    if (debug) {
      failure.printStackTrace(err);
    } else if (bug) {
      err.println(
          keepTrace(failure)
              .map(file -> "The stack trace is in " + file + "; please report it.")
              .orElse("Run again with --debug to see the stack trace."));
    }
    err.flush();
  }

  // The messages of java.nio's exceptions are bare paths, which say nothing of what went wrong.
  private static String describe(IOException failure) {
    return switch (failure) {
      case NoSuchFileException missing -> missing.getFile() + ": no such file or folder";
      case FileNotFoundException missing -> missing.getMessage() + ": cannot be opened";
      case AccessDeniedException denied -> denied.getFile() + ": permission denied";
      case FileSystemException other when other.getReason() == null ->
          other.getMessage() + ": " + other.getClass().getSimpleName();
      default -> Optional.ofNullable(failure.getMessage()).orElseGet(failure::toString);
    };
  }

  private static Optional<Path> keepTrace(Throwable failure) {
    try {
      StringWriter trace = new StringWriter();
      failure.printStackTrace(new PrintWriter(trace, true));
      return Optional.of(
          Files.writeString(Files.createTempFile("eosin-error-", ".log"), trace.toString()));
    } catch (IOException unwritable) {
      return Optional.empty();
    }
  }
}
