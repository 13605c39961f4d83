package dev.eosin.fetch;

import java.io.IOException;
import java.net.http.HttpTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// The body of a response, piece by piece, with a limit on how long the next piece may take: the
/// client itself waits for ever on a connection that went silent.
///
/// Closing it drops the connection if the body has not ended.
final class HttpBody implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {
  private sealed interface Signal {
    record Piece(List<ByteBuffer> bytes) implements Signal {}

    record End() implements Signal {}

    record Broken(Throwable cause) implements Signal {}
  }

  private final BlockingQueue<Signal> signals = new LinkedBlockingQueue<>();
  private final CompletableFuture<Flow.Subscription> subscription = new CompletableFuture<>();
  private final Duration silence;

  HttpBody(Flow.Publisher<List<ByteBuffer>> publisher, Duration silence) {
    this.silence = silence;
    publisher.subscribe(this);
  }

  /// The next piece, or nothing at the end.
  ///
  /// @throws IOException when the connection breaks or stays silent
  Optional<List<ByteBuffer>> next() throws IOException, InterruptedException {
    subscription.thenAccept(one -> one.request(1));
    Signal signal = signals.poll(silence.toMillis(), TimeUnit.MILLISECONDS);
    return switch (signal) {
      case null ->
          throw new HttpTimeoutException(
              "nothing came for %d seconds".formatted(silence.toSeconds()));
      case Signal.Piece(List<ByteBuffer> bytes) -> Optional.of(bytes);
      case Signal.End() -> Optional.empty();
      case Signal.Broken(Throwable cause) ->
          throw new IOException("the connection broke: " + cause.getMessage(), cause);
    };
  }

  @Override
  public void onSubscribe(Flow.Subscription given) {
    subscription.complete(given);
  }

  @Override
  public void onNext(List<ByteBuffer> bytes) {
    signals.add(new Signal.Piece(bytes));
  }

  @Override
  public void onError(Throwable cause) {
    signals.add(new Signal.Broken(cause));
  }

  @Override
  public void onComplete() {
    signals.add(new Signal.End());
  }

  @Override
  public void close() {
    subscription.thenAccept(Flow.Subscription::cancel);
  }
}
