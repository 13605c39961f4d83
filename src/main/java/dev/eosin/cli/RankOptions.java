package dev.eosin.cli;

import dev.eosin.config.Seconds;
import dev.eosin.group.Group;
import dev.eosin.group.Launch;
import dev.eosin.group.WaitLimits;
import dev.eosin.tensor.Device;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/// On how many ranks a command runs, and how long they wait for each other.
final class RankOptions {
  @Option(
      names = "--ranks",
      paramLabel = "N",
      description = {
        "Start N ranks of this command on this machine: on GPUs one for each, which speak through"
            + " NCCL; on a CPU through the MPI that is installed. Ranks change no result;"
            + " docs/scale.md."
      })
  Optional<Integer> ranks = Optional.empty();

  @Option(
      names = "--collective-limit",
      paramLabel = "SECONDS",
      description = {"Ranks that wait for each other longer in training end the job (\"600 s\")."})
  private Seconds collective = seconds(WaitLimits.USUAL.collective());

  @Option(
      names = "--checkpoint-limit",
      paramLabel = "SECONDS",
      description = "The same while the first rank writes a checkpoint or the model (\"1800 s\").")
  private Seconds checkpoint = seconds(WaitLimits.USUAL.checkpoint());

  @Option(
      names = "--start-limit",
      paramLabel = "SECONDS",
      description = "The same until the first step is done (\"1800 s\").")
  private Seconds startUp = seconds(WaitLimits.USUAL.startUp());

  /// Whether this process is to start ranks, being none itself.
  ///
  /// @throws ParameterException for no rank, and for another number than were started
  boolean startsThem(CommandSpec spec, Launch launch) {
    if (ranks.orElse(1) < 1) {
      throw new ParameterException(spec.commandLine(), "--ranks: at least 1");
    }
    if (ranks.isPresent()
        && launch.isOneOfSeveral()
        && launch.size().orElse(ranks.get()) != ranks.get()) {
      throw new ParameterException(
          spec.commandLine(),
          "--ranks: %d, but this is one of %d that %s started; leave --ranks out"
              .formatted(ranks.get(), launch.size().getAsInt(), launch.by().title()));
    }
    return ranks.orElse(1) > 1 && !launch.isOneOfSeveral();
  }

  /// What one of the ranks does.
  @FunctionalInterface
  interface Work {
    /// @return the exit code
    int on(Group group) throws Exception;
  }

  /// Starts the ranks that are asked for and waits for them, or does the work as one of them, or
  /// alone.
  ///
  /// @param spec of the command, whose words the ranks are started with
  /// @param device that it means
  /// @return the exit code
  int run(CommandSpec spec, Callable<Device> device, Work work) throws Exception {
    Launch launch = Launch.of(System.getenv());
    if (startsThem(spec, launch)) {
      return RankStarter.run(
          ranks.orElse(1),
          spec.root().commandLine().getParseResult().originalArgs(),
          device.call());
    }
    try (Ranks joined = Ranks.join(launch, limits(), spec.commandLine().getErr(), device)) {
      return joined.run(() -> work.on(joined.group()));
    }
  }

  WaitLimits limits() {
    return new WaitLimits(duration(startUp), duration(collective), duration(checkpoint));
  }

  private static Seconds seconds(Duration duration) {
    return new Seconds(duration.toSeconds());
  }

  private static Duration duration(Seconds seconds) {
    return Duration.ofMillis(Math.round(1000 * seconds.value()));
  }
}
