package dev.eosin.caption;

import com.fasterxml.jackson.databind.JsonNode;
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
  /// What was said.
  ///
  /// @param text white space around it left out; empty where nothing was said
  /// @param finish why it ended there, as services say: `stop`, `length`, `content_filter`, ...;
  ///   empty where nobody says
  record Said(String text, String finish) {}

  /// What it says, and why it said no more.
  ///
  /// @param step its name, each once a row
  /// @throws RowFailedException when there is no answer now; other rows go on
  Said said(RowSteps steps, String step, Question question)
      throws RowFailedException, IOException, InterruptedException;

  /// What it says, as [#said] does.
  default String ask(RowSteps steps, String step, Question question)
      throws RowFailedException, IOException, InterruptedException {
    return said(steps, step, question).text();
  }

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
      public Said said(RowSteps steps, String step, Question question)
          throws RowFailedException, IOException, InterruptedException {
        JsonNode answer = client.ask(steps, step, question);
        return new Said(LlmClient.text(answer).strip(), LlmClient.finish(answer));
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
