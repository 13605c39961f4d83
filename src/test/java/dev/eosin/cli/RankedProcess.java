package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.run.SmallRun;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/// `eosin train` of a small recipe on several ranks, started by a real `mpirun`.
final class RankedProcess implements AutoCloseable {
  private static final List<String> ENGINE_FLAGS =
      List.of("--enable-native-access", "--sun-misc", "-Dai.djl", "-Djava.awt");
  private static final long LONGEST_WAIT_SECONDS = 240;

  private final SmallRun run;
  private final Process process;
  private final Path messages;

  private RankedProcess(SmallRun run, Process process, Path messages) {
    this.run = run;
    this.process = process;
    this.messages = messages;
  }

  /// @param starter such as `mpirun.openmpi`; the test is left out where it is missing
  static RankedProcess start(String starter, int ranks, SmallRun run, String... arguments)
      throws IOException {
    return start(starter, ranks, "exec \"$@\"", run, arguments);
  }

  /// As above.
  ///
  /// @param shell that each rank begins in
  static RankedProcess start(
      String starter, int ranks, String shell, SmallRun run, String... arguments)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(find(starter), "-n", String.valueOf(ranks)));
    if (starter.endsWith("openmpi")) {
      command.addAll(List.of("--oversubscribe", "--bind-to", "none"));
    }
    command.addAll(List.of("sh", "-c", shell, "sh"));
    command.addAll(java(run, arguments));
    return start(command, run);
  }

  /// `eosin evaluate` or `prepare`.
  ///
  /// @param out where the recipe's results go
  static RankedProcess of(String what, String starter, int ranks, Path recipe, Path out)
      throws IOException {
    List<String> command = new ArrayList<>(List.of(find(starter), "-n", String.valueOf(ranks)));
    if (starter.endsWith("openmpi")) {
      command.addAll(List.of("--oversubscribe", "--bind-to", "none"));
    }
    command.addAll(java(what, recipe));
    return start(command, new SmallRun(recipe, out));
  }

  /// `eosin train --ranks`, which starts its ranks itself.
  static RankedProcess startItself(SmallRun run, String... arguments) throws IOException {
    find("mpirun");
    return start(java(run, arguments), run);
  }

  /// The same with another `mpirun`.
  ///
  /// @param starters folder that has it
  static RankedProcess startItself(Path starters, SmallRun run, String... arguments)
      throws IOException {
    return start(java(run, arguments), run, starters + File.pathSeparator + System.getenv("PATH"));
  }

  /// A folder whose `mpirun` is a script.
  static Path starter(Path home, String script) throws IOException {
    Path folder = Files.createDirectories(home.resolve("starters"));
    Path mpirun = Files.writeString(folder.resolve("mpirun"), script);
    Files.setPosixFilePermissions(mpirun, PosixFilePermissions.fromString("rwxr-xr-x"));
    return folder;
  }

  private static String find(String starter) {
    Path found = Path.of("/usr/bin", starter);
    assumeTrue(
        Files.isExecutable(found), starter + " is not installed (apt install openmpi-bin mpich)");
    return found.toString();
  }

  private static List<String> java(SmallRun run, String... arguments) {
    return java("train", run.recipe(), arguments);
  }

  private static List<String> java(String what, Path recipe, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
        .filter(flag -> ENGINE_FLAGS.stream().anyMatch(flag::startsWith))
        .forEach(command::add);
    command.addAll(List.of("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Xmx256m"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
    command.addAll(List.of(what, recipe.toString()));
    command.addAll(List.of(arguments));
    return command;
  }

  private static RankedProcess start(List<String> command, SmallRun run) throws IOException {
    return start(command, run, System.getenv("PATH"));
  }

  private static RankedProcess start(List<String> command, SmallRun run, String path)
      throws IOException {
    File messages = run.recipe().resolveSibling(run.folder().getFileName() + ".ranks").toFile();
    var builder = new ProcessBuilder(command).redirectError(messages).redirectOutput(messages);
    builder.environment().put("PATH", path);
    // Ranks that wait would keep the few cores from those that compute.
    builder.environment().put("OMPI_MCA_mpi_yield_when_idle", "1");
    builder.environment().put("MPIR_CVAR_POLLS_BEFORE_YIELD", "1");
    builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT", "1");
    builder.environment().put("OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");
    return new RankedProcess(run, builder.start(), messages.toPath());
  }

  void awaitStep(long step) throws IOException, InterruptedException {
    while (process.isAlive() && run.lastLoggedStep() < step) {
      Thread.sleep(5);
    }
    assertThat(process.isAlive()).as(messages()).isTrue();
  }

  void awaitMessage(String part) throws IOException, InterruptedException {
    while (process.isAlive() && !messages().contains(part)) {
      Thread.sleep(5);
    }
    assertThat(process.isAlive()).as(messages()).isTrue();
  }

  /// To the process that was started, not to a rank.
  void signalStarter(String signal) throws IOException, InterruptedException {
    String pid = Long.toString(process.pid());
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
  }

  /// @param signal such as `KILL`
  void signal(int rank, String signal) throws IOException, InterruptedException {
    String pid = Long.toString(pid(rank));
    assertThat(new ProcessBuilder("kill", "-" + signal, pid).start().waitFor()).isZero();
  }

  private long pid(int rank) {
    try (Stream<ProcessHandle> all = process.descendants()) {
      return all.filter(each -> isRank(each.pid(), rank))
          .mapToLong(ProcessHandle::pid)
          .findFirst()
          .orElseThrow();
    }
  }

  private static boolean isRank(long pid, int rank) {
    try {
      Path folder = Path.of("/proc", Long.toString(pid));
      String environment = Files.readString(folder.resolve("environ"), StandardCharsets.ISO_8859_1);
      boolean named =
          Stream.of(environment.split("\0", -1))
              .anyMatch(
                  each ->
                      each.equals("OMPI_COMM_WORLD_RANK=" + rank)
                          || each.equals("PMI_RANK=" + rank));
      return named && Files.readString(folder.resolve("comm")).strip().equals("java");
    } catch (IOException gone) {
      return false;
    }
  }

  int exitCode() throws InterruptedException {
    return exitCode(LONGEST_WAIT_SECONDS);
  }

  int exitCode(long seconds) throws InterruptedException {
    assertThat(process.waitFor(seconds, TimeUnit.SECONDS)).isTrue();
    return process.exitValue();
  }

  String messages() throws IOException {
    return Files.readString(messages);
  }

  @Override
  public void close() throws InterruptedException {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly().waitFor();
  }
}
