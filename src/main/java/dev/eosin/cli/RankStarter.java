package dev.eosin.cli;

import dev.eosin.cli.terminal.ExitCode;
import dev.eosin.group.MpiStart;
import dev.eosin.tensor.Device;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import sun.misc.Signal;

/// Starts the ranks of a command itself, and waits for them.
final class RankStarter {
  private RankStarter() {}

  /// On a CPU through the MPI that is installed; on GPUs as processes that speak through NCCL.
  ///
  /// @param words of this command line, with `--ranks`
  /// @param device that the recipe means
  /// @return the exit code of the job
  /// @throws dev.eosin.config.MachineException when no MPI is installed, on a CPU
  static int run(int ranks, List<String> words, Device device) throws IOException {
    List<String> one = new ArrayList<>(Main.thisProcess());
    one.addAll(withoutRanks(words));
    // Starters end ranks soon after SIGTERM, but hand SIGUSR1 on and wait: so all can save. SIGINT,
    // too: ranks must not outlive the process that was asked for them.
    var jobs = new Jobs();
    for (String name : List.of("TERM", "INT", "USR1")) {
      Signal.handle(new Signal(name), signal -> jobs.stop());
    }
    return switch (device) {
      case Device.Cpu() -> throughMpi(ranks, one, jobs);
      case Device.Cuda _ -> RankProcesses.of(ranks, one).run(jobs::add);
    };
  }

  private static int throughMpi(int ranks, List<String> one, Jobs jobs) throws IOException {
    List<String> command =
        MpiStart.command(ranks, one, Objects.requireNonNullElse(System.getenv("PATH"), ""));
    var builder = new ProcessBuilder(command).inheritIO();
    builder
        .environment()
        .putAll(MpiStart.environment("root".equals(System.getProperty("user.name"))));
    Process job = builder.start();
    jobs.add(job);
    try {
      return job.waitFor();
    } catch (InterruptedException e) {
      job.destroy();
      Thread.currentThread().interrupt();
      return ExitCode.OTHER;
    }
  }

  /// What was started and is told of signals; of one that came before it, too.
  private static final class Jobs {
    private final List<Process> started = new ArrayList<>();
    private boolean stopping;

    synchronized void add(Process job) {
      started.add(job);
      if (stopping) {
        hand(job);
      }
    }

    synchronized void stop() {
      stopping = true;
      started.forEach(RankStarter::hand);
    }
  }

  private static void hand(Process job) {
    try {
      new ProcessBuilder("kill", "-USR1", String.valueOf(job.pid())).start();
    } catch (IOException noKill) {
      job.destroy();
    }
  }

  /// `--ranks N` and `--ranks=N` are for this process alone.
  static List<String> withoutRanks(List<String> words) {
    List<String> kept = new ArrayList<>();
    for (int i = 0; i < words.size(); i++) {
      String word = words.get(i);
      if (word.equals("--ranks")) {
        i++;
      } else if (!word.startsWith("--ranks=")) {
        kept.add(word);
      }
    }
    return kept;
  }
}
