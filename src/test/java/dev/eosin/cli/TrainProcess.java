package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.run.SmallRun;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `eosin train` of a small recipe in a JVM of its own, with this JVM's environment and engine
/// flags.
final class TrainProcess implements AutoCloseable {
  private static final List<String> ENGINE_FLAGS =
      List.of("--enable-native-access", "--sun-misc", "-Dai.djl", "-Djava.awt");
  private static final long LONGEST_WAIT_SECONDS = 120;
  private static final long LOOK_EVERY_MILLIS = 5;

  private final SmallRun run;
  private final Process process;
  private final Path messages;

  private TrainProcess(SmallRun run, Process process, Path messages) {
    this.run = run;
    this.process = process;
    this.messages = messages;
  }

  static TrainProcess start(SmallRun run, String... arguments) throws IOException {
    return start(List.of(), run, arguments);
  }

  /// As [#start], but no file can grow beyond so many bytes, rounded down to 512.
  static TrainProcess startLimited(long bytes, SmallRun run, String... arguments)
      throws IOException {
    String limit = "ulimit -f %d && exec \"$@\"".formatted(bytes / 512);
    return start(List.of("sh", "-c", limit, "sh"), run, arguments);
  }

  private static TrainProcess start(List<String> before, SmallRun run, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(before);
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> ENGINE_FLAGS.stream().anyMatch(flag::startsWith))
        .forEach(command::add);
    // The runs are too short for the optimising compiler to pay.
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of("train", run.recipe().toString()));
    command.addAll(List.of(arguments));
    File messages = run.recipe().resolveSibling(run.folder().getFileName() + ".stderr").toFile();
    Process process =
        new ProcessBuilder(command).redirectError(messages).redirectOutput(messages).start();
    return new TrainProcess(run, process, messages.toPath());
  }

  /// Runs to the end.
  ///
  /// @return the exit code
  static int run(SmallRun run, String... arguments) throws IOException, InterruptedException {
    try (TrainProcess process = start(run, arguments)) {
      return process.exitCode();
    }
  }

  /// Waits until the log has the row of `step`, or the process has ended.
  void awaitStep(long step) throws IOException, InterruptedException {
    while (process.isAlive() && run.lastLoggedStep() < step) {
      Thread.sleep(LOOK_EVERY_MILLIS);
    }
  }

  /// Waits until the run folder has a file, or the process has ended.
  void awaitFile(String name) throws InterruptedException {
    while (process.isAlive() && !Files.exists(run.folder().resolve(name))) {
      Thread.sleep(1);
    }
  }

  /// Waits until a checkpoint is being written, or the process has ended.
  void awaitUnfinishedCheckpoint() throws IOException, InterruptedException {
    while (process.isAlive() && !savesNow()) {
      Thread.sleep(1);
    }
  }

  private boolean savesNow() throws IOException {
    try (Stream<Path> entries = Files.list(run.folder().resolve("checkpoints"))) {
      return entries.anyMatch(entry -> entry.getFileName().toString().endsWith(".partial"));
    }
  }

  /// Waits until the model is being exported, or the process has ended.
  void awaitUnfinishedExport() throws InterruptedException {
    while (process.isAlive() && !Files.exists(run.folder().resolve(".final.partial"))) {
      Thread.sleep(1);
    }
  }

  /// Ends the process without any chance to save.
  ///
  /// @return whether it was still running
  boolean kill() throws InterruptedException {
    boolean running = process.isAlive();
    process.destroyForcibly().waitFor();
    return running && process.exitValue() != 0;
  }

  /// @param signal such as `TERM`
  void signal(String signal) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
  }

  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  /// What it has printed.
  String messages() throws IOException {
    return Files.readString(messages);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
