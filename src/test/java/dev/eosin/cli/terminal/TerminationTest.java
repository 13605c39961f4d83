package dev.eosin.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.cli.InheritedSignals;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Signals need a process of their own.
class TerminationTest {
  /// Waits for a signal, finishes its work, and ends as a training run would.
  static final class Worker {
    public static void main(String[] args) throws InterruptedException {
      Termination termination = Termination.listen(new PrintWriter(System.err, true));
      System.out.println("ready");
      while (!termination.requested()) {
        Thread.sleep(5);
      }
      System.out.println("asked to stop");
      while (args.length > 0) {
        Thread.sleep(5);
      }
      System.exit(termination.exitCode().orElseThrow());
    }
  }

  /// Any other command, at work.
  static final class Unprepared {
    public static void main(String[] args) throws InterruptedException {
      Termination.endAtOnce();
      Runtime.getRuntime().addShutdownHook(new Thread(() -> System.out.println("left by exit")));
      System.out.println("ready");
      Thread.sleep(60_000);
    }
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void anyOtherCommandEndsAtOnceAndNotByExit(String signal, int exitCode) throws Exception {
    if (signal.equals("INT")) {
      InheritedSignals.assumeInterruptIsDelivered();
    }
    Process worker = start(Unprepared.class);
    BufferedReader out = worker.inputReader();
    assertThat(out.readLine()).isEqualTo("ready");
    send(signal, worker);
    assertThat(out.readLine()).isNull();
    assertThat(worker.waitFor()).isEqualTo(exitCode);
  }

  @ParameterizedTest
  @CsvSource({"TERM, 143", "INT, 130"})
  void aSignalLetsTheWorkBeFinished(String signal, int exitCode) throws Exception {
    if (signal.equals("INT")) {
      InheritedSignals.assumeInterruptIsDelivered();
    }
    Process worker = start();
    BufferedReader out = worker.inputReader();
    assertThat(out.readLine()).isEqualTo("ready");
    send(signal, worker);
    assertThat(out.readLine()).isEqualTo("asked to stop");
    assertThat(worker.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(worker.exitValue()).isEqualTo(exitCode);
  }

  @Test
  void anAnnouncedLimitIsASignalLikeTheOthers() throws Exception {
    Process worker = start();
    BufferedReader out = worker.inputReader();
    assertThat(out.readLine()).isEqualTo("ready");
    send("USR1", worker);
    assertThat(out.readLine()).isEqualTo("asked to stop");
    assertThat(worker.waitFor()).isGreaterThan(128);
  }

  @Test
  void aSecondSignalEndsWorkThatHangs() throws Exception {
    Process worker = start("hang");
    BufferedReader out = worker.inputReader();
    assertThat(out.readLine()).isEqualTo("ready");
    send("TERM", worker);
    assertThat(out.readLine()).isEqualTo("asked to stop");
    send("USR1", worker);
    assertThat(worker.waitFor(20, TimeUnit.SECONDS)).isTrue();
    assertThat(worker.exitValue()).isEqualTo(ExitCode.ofSignal(10));
  }

  private static Process start(String... arguments) throws IOException {
    return start(Worker.class, arguments);
  }

  private static Process start(Class<?> main, String... arguments) throws IOException {
    ProcessBuilder builder =
        new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            main.getName());
    builder.command().addAll(List.of(arguments));
    return builder.redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  private static void send(String signal, Process process) throws Exception {
    Process kill = new ProcessBuilder("kill", "-" + signal, Long.toString(process.pid())).start();
    assertThat(kill.waitFor()).isZero();
  }
}
