package dev.eosin.bench;

import dev.eosin.tensor.Device;
import dev.eosin.tensor.ProcessorTime;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.io.Reader;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Steps of the same soak that something younger takes when it is asked to: what a step costs on
/// this machine just now.
public interface SoakReference extends AutoCloseable {
  /// Takes so many steps, and waits for them.
  ///
  /// @return its processor time since it began, of all threads, in milliseconds
  /// @throws IOException when the steps cannot be taken any more
  double afterSteps(int steps) throws IOException;

  @Override
  void close();

  /// The other side of [#process]: reads how many steps to take, a number a line, and answers each
  /// with a line, until there is no more to read.
  ///
  /// @throws IOException when data cannot be read
  static void serve(int batch, Device device, int threads, Reader asked, PrintWriter answers)
      throws IOException {
    var lines = new BufferedReader(asked);
    ProcessorTime processor = ProcessorTime.find();
    try (SoakSteps steps = SoakSteps.begin(batch, device, threads)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        for (int left = Integer.parseInt(line); left > 0; left--) {
          steps.step();
        }
        answers.println(SoakGauges.millis(processor));
        answers.flush();
      }
    }
  }

  /// A process that serves.
  ///
  /// @param command that starts it
  /// @throws IOException when it cannot be started
  static SoakReference process(List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    PrintWriter asks = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    var answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    return new SoakReference() {
      @Override
      public double afterSteps(int steps) throws IOException {
        asks.println(steps);
        String answer = answers.readLine();
        if (answer == null) {
          throw new IOException("the reference process of the soak has ended");
        }
        return Double.parseDouble(answer);
      }

      @Override
      public void close() {
        asks.close(); // it ends where its input ends
        process.onExit().join();
      }
    };
  }
}
