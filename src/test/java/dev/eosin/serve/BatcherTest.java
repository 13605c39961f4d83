package dev.eosin.serve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/// One thread for a model: what it leaves out, and what becomes of what waits when it ends.
class BatcherTest {
  private final ToyEmbedder embedder = new ToyEmbedder(300);

  private void awaitAPass() throws InterruptedException {
    while (embedder.passes().isEmpty()) {
      Thread.sleep(5);
    }
  }

  @Test
  void whatWasGivenUpIsNotComputed() throws Exception {
    var done = new AtomicInteger();
    try (var batcher = new Batcher(embedder, 4, Duration.ZERO, new Metrics())) {
      batcher.text("red");
      awaitAPass();
      CompletableFuture<Integer> scan = batcher.alone(done::incrementAndGet);
      CompletableFuture<float[]> text = batcher.text("green");
      scan.cancel(false);
      text.cancel(false);
      assertThat(batcher.alone(done::incrementAndGet).get(20, TimeUnit.SECONDS)).isEqualTo(1);
      assertThat(embedder.passes()).containsExactly(1);
    }
  }

  @Test
  void whatWaitsIsRefusedAtTheEndAndNothingIsTakenThen() throws Exception {
    var batcher = new Batcher(embedder, 1, Duration.ZERO, new Metrics());
    CompletableFuture<float[]> atWork = batcher.text("red");
    awaitAPass();
    CompletableFuture<float[]> waiting = batcher.text("green");
    CompletableFuture<Integer> task = batcher.alone(() -> 1);
    batcher.close();
    assertThat(atWork.get()).hasSize(ToyEmbedder.WIDTH);
    for (CompletableFuture<?> each : List.of(waiting, task)) {
      assertThatThrownBy(() -> each.get(1, TimeUnit.SECONDS))
          .isInstanceOf(ExecutionException.class)
          .hasCauseInstanceOf(ApiException.class);
    }
    assertThatThrownBy(() -> batcher.text("blue")).isInstanceOf(ApiException.class);
  }
}
