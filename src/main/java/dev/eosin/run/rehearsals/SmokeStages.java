package dev.eosin.run.rehearsals;

import dev.eosin.train.machine.ProcessMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalLong;

/// Times the stages of a smoke test, one after the other.
public final class SmokeStages {
  /// A stage that went well.
  ///
  /// @param seconds it took
  /// @param peakBytes of memory that the process held until its end, see [ProcessMemory]
  /// @param found what came of it, for a person
  public record Stage(String name, double seconds, OptionalLong peakBytes, String found) {}

  /// Told what happens, in order.
  public interface Report {
    void passed(Stage stage);

    /// @param stage that failed; the exception that follows says why and how to mend it
    /// @param folder what the stages wrote
    void failed(String stage, Path folder);

    /// What a long run would say.
    void note(String message);
  }

  private final Report report;
  private String current = "prepare";
  private long started;

  SmokeStages(Report report) {
    this.report = report;
  }

  void begin(String name) {
    current = name;
    started = System.nanoTime();
  }

  void end(String found) throws IOException {
    double seconds = (System.nanoTime() - started) / 1e9;
    report.passed(new Stage(current, seconds, ProcessMemory.peakBytes(), found));
  }

  void fail(Path folder) {
    report.failed(current, folder);
  }

  void note(String message) {
    report.note(message);
  }
}
