package dev.eosin.serve;

import dev.eosin.image.RgbImage;
import dev.eosin.language.chat.Message;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/// One thread that owns a model that answers: questions queue for it and are answered in turn.
final class AnswerQueue implements AutoCloseable {
  private static final int MOST_WAITING = 32;

  private final ServedAnswers model;
  private final Metrics metrics;
  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(MOST_WAITING),
          Thread.ofPlatform().name("eosin-serve-answers").daemon().factory());

  private volatile Answering atWork = new Answering();
  private volatile boolean closed;

  AnswerQueue(ServedAnswers model, Metrics metrics) {
    this.model = model;
    this.metrics = metrics;
  }

  ServedAnswers model() {
    return model;
  }

  /// Asks.
  ///
  /// @param images that the messages mark, in order
  /// @throws ApiException when too many wait
  Answering ask(List<Message> messages, List<RgbImage> images, int mostTokens) throws ApiException {
    var answering = new Answering();
    try {
      thread.execute(() -> answer(messages, images, mostTokens, answering));
    } catch (RejectedExecutionException full) {
      throw ApiException.busy();
    }
    return answering;
  }

  private void answer(
      List<Message> messages, List<RgbImage> images, int mostTokens, Answering answering) {
    atWork = answering;
    // Closing sets the one and then looks at the other: whichever is first, the answer ends.
    if (closed || answering.isCancelled()) {
      answering.fail(new CancellationException("nobody waits for this answer"));
      return;
    }
    try {
      String whole =
          model
              .model()
              .reply(
                  messages,
                  images,
                  mostTokens,
                  piece -> {
                    answering.accept(piece);
                    metrics.piece();
                  });
      answering.end(whole);
    } catch (CancellationException nobodyWaits) {
      answering.fail(nobodyWaits);
    } catch (Exception | Error failed) {
      answering.fail(failed);
    }
  }

  /// Ends the thread at the next piece of what is at work.
  @Override
  public void close() {
    closed = true;
    thread.shutdown();
    thread.getQueue().clear();
    atWork.cancel();
    thread.close();
  }
}
