package dev.eosin.revise;

import dev.eosin.caption.LlmClient;
import dev.eosin.caption.LlmSettings;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowSteps;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/// A model that does one step of a chain: a service, or one of this machine. Asked on many threads
/// at once; every answer is durable, with its request, before it is given.
public interface Agent extends AutoCloseable {
  /// What it says, white space around it left out; empty where it says nothing.
  ///
  /// @param step its name, each once a row
  /// @throws RowFailedException when there is no answer now; other rows go on
  String ask(RowSteps steps, String step, Question question)
      throws RowFailedException, IOException, InterruptedException;

  /// What its answers depend on besides what is asked.
  Map<String, String> pins();

  /// Whether it looks at pictures.
  boolean seesImages();

  @Override
  void close();

  /// A service, asked by a client that is closed with this.
  static Agent service(LlmSettings settings, LlmClient client) {
    return new Agent() {
      @Override
      public String ask(RowSteps steps, String step, Question question)
          throws RowFailedException, IOException, InterruptedException {
        return LlmClient.text(client.ask(steps, step, question)).strip();
      }

      @Override
      public Map<String, String> pins() {
        return settings.pins();
      }

      @Override
      public boolean seesImages() {
        return client.seesImages();
      }

      @Override
      public void close() {
        client.close();
      }
    };
  }

  /// A model of this machine.
  ///
  /// @param pins what its answers depend on
  /// @param close lets go of it
  static Agent local(Answerer answerer, Map<String, String> pins, Runnable close) {
    return new LocalAgent(answerer, new TreeMap<>(pins), close);
  }
}
