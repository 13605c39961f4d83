package dev.eosin.cli;

import dev.eosin.cli.terminal.ExitCode;
import java.io.IOException;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/// Ranks of this machine that no MPI starts: each is a process that the variables of torchrun tell
/// who it is and where the others are. One that fails ends all.
///
/// @param command of one rank
/// @param variables of each rank, beside this process's own
record RankProcesses(List<String> command, List<Map<String, String>> variables) {
  /// The others say first what they know, and write their last collectives.
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  RankProcesses {
    command = List.copyOf(command);
    variables = List.copyOf(variables);
  }

  /// Ranks that meet at a port that is free now.
  static RankProcesses of(int ranks, List<String> command) throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      String port = String.valueOf(free.getLocalPort());
      List<Map<String, String>> variables = new ArrayList<>();
      for (int rank = 0; rank < ranks; rank++) {
        variables.add(
            Map.of(
                "RANK", String.valueOf(rank),
                "WORLD_SIZE", String.valueOf(ranks),
                "LOCAL_RANK", String.valueOf(rank),
                "LOCAL_WORLD_SIZE", String.valueOf(ranks),
                "MASTER_ADDR", "127.0.0.1",
                "MASTER_PORT", port));
      }
      return new RankProcesses(command, variables);
    }
  }

  /// Starts all and waits for all.
  ///
  /// @param started told of each process
  /// @return 0, or the code of the rank that failed first
  int run(Consumer<Process> started) throws IOException {
    List<Process> all = new ArrayList<>();
    BlockingQueue<Process> ended = new LinkedBlockingQueue<>();
    try {
      for (Map<String, String> own : variables) {
        var builder = new ProcessBuilder(command).inheritIO();
        builder.environment().putAll(own);
        Process process = builder.start();
        all.add(process);
        process.onExit().thenAccept(ended::add);
        started.accept(process);
      }
      return await(all.size(), ended);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return ExitCode.OTHER;
    } finally {
      all.forEach(Process::destroyForcibly);
    }
  }

  private static int await(int running, BlockingQueue<Process> ended) throws InterruptedException {
    for (int left = running; left > 0; left--) {
      int code = ended.take().exitValue();
      if (code != ExitCode.DONE) {
        for (int others = left - 1; others > 0; others--) {
          if (ended.poll(LAST_WORDS.toMillis(), TimeUnit.MILLISECONDS) == null) {
            return code;
          }
        }
        return code;
      }
    }
    return ExitCode.DONE;
  }
}
