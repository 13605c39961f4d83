package dev.eosin.caption;

import dev.eosin.eval.Answerer;
import dev.eosin.eval.AnswererContract;
import java.io.IOException;
import java.time.InstantSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/// A service keeps what every answerer promises.
class LlmAnswererTest extends AnswererContract {
  private MisbehavingService service;

  @BeforeEach
  void start() throws IOException {
    service = MisbehavingService.start();
  }

  @AfterEach
  void stop() {
    service.close();
  }

  @Override
  protected Answerer answerer() throws IOException {
    return new LlmClient(
        LlmFixture.settings(2),
        service.endpoint(LlmFixture.KEY),
        LlmFixture.patience(3, 20_000),
        InstantSource.system());
  }
}
