package dev.eosin.train.logs;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// Who began or went on with a run: `starts.jsonl`, one line for each start, the newest last. For
/// people; nothing depends on it.
public final class StartLog {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path HOST = Path.of("/proc/sys/kernel/hostname");

  private StartLog() {}

  /// A start.
  ///
  /// @param version of Eosin
  /// @param command words of the command line, without the program
  public record Start(Instant time, String version, List<String> command) {
    public Start {
      command = List.copyOf(command);
    }
  }

  /// Adds a line with what is known of this machine.
  ///
  /// @throws DataException when the file cannot be written
  public static void append(Path file, Start start) throws DataException {
    ObjectNode line = JSON.createObjectNode();
    line.put("time", start.time().truncatedTo(ChronoUnit.SECONDS).toString());
    line.put("host", host());
    line.put("eosin", start.version());
    line.put("java", System.getProperty("java.runtime.version", "unknown"));
    line.put("cores", Runtime.getRuntime().availableProcessors());
    start.command().forEach(line.putArray("command")::add);
    try {
      Files.writeString(file, line + "\n", StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw new DataException(file + ": cannot be written: " + AtomicFile.reason(e), e);
    }
  }

  /// By its own name: asking the network for it may take seconds.
  private static String host() {
    try {
      return Files.isReadable(HOST)
          ? Files.readString(HOST).strip()
          : String.valueOf(System.getenv("HOSTNAME"));
    } catch (IOException unknown) {
      return "unknown";
    }
  }
}
