package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/// A preparation of a contract in a JVM of its own.
final class PreparationProcess implements AutoCloseable {
  private static final long LONGEST_WAIT_SECONDS = 60;
  private static final int SLOWEST_ANSWER_MILLIS = 40;

  private final Path folder;
  private final Path messages;
  private final Process process;

  private PreparationProcess(Path folder, Path messages, Process process) {
    this.folder = folder;
    this.messages = messages;
    this.process = process;
  }

  /// @param limit the size that no file can exceed, in bytes, a multiple of 512
  static PreparationProcess start(
      Class<? extends PreparationContract> contract, Path folder, Optional<Long> limit)
      throws IOException {
    List<String> command = new ArrayList<>();
    limit.ifPresent(
        bytes ->
            command.addAll(
                List.of("sh", "-c", "ulimit -f %d && exec \"$@\"".formatted(bytes / 512), "sh")));
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx128m", "-XX:-UsePerfData"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.addAll(
        List.of(PreparationProcess.class.getName(), contract.getName(), folder.toString()));
    Path messages = folder.resolveSibling(folder.getFileName() + ".messages");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(messages.toFile()))
            .start();
    return new PreparationProcess(folder, messages, process);
  }

  /// @param arguments the contract's class, the folder
  public static void main(String... arguments) throws Exception {
    var constructor = Class.forName(arguments[0]).getDeclaredConstructor();
    constructor.setAccessible(true);
    var contract = (PreparationContract) constructor.newInstance();
    RowPreparation preparation =
        contract.preparation(CountedService.outOfOrder(SLOWEST_ANSWER_MILLIS));
    new PreparationRun(Path.of(arguments[1]), preparation, PreparationContract.settings(3), 7)
        .run(progress -> {}, () -> false);
  }

  /// Waits until the ledger has so many lines, or the process has ended.
  void awaitLines(long lines) throws IOException, InterruptedException {
    Path ledger = folder.resolve(Outputs.LEDGER);
    while (process.isAlive() && (!Files.exists(ledger) || lines(ledger) < lines)) {
      Thread.sleep(1);
    }
  }

  private static long lines(Path ledger) throws IOException {
    long lines = 0;
    for (byte letter : Files.readAllBytes(ledger)) {
      lines += letter == '\n' ? 1 : 0;
    }
    return lines;
  }

  /// Ends the process as `kill -9` does.
  ///
  /// @return whether it was still running
  boolean kill() throws InterruptedException {
    boolean running = process.isAlive();
    process.destroyForcibly().waitFor();
    return running && process.exitValue() != 0;
  }

  int exitCode() throws InterruptedException {
    assertThat(process.waitFor(LONGEST_WAIT_SECONDS, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  String messages() throws IOException {
    return Files.readString(messages);
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
