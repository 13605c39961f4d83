package dev.eosin.serve;

import dev.eosin.eval.ImageTextEmbedder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/// One thread that owns a model: inputs of all clients queue for it and go through together, at
/// most so many at once. An input waits for others no longer than it was told, and not at all where
/// it had to wait for the model anyway.
final class Batcher implements AutoCloseable {
  /// Inputs that may wait; about 150 MB of images of 224 px.
  private static final int MOST_WAITING = 1024;

  private final ImageTextEmbedder model;
  private final int most;
  private final long waitNanos;
  private final Metrics metrics;
  private final BlockingQueue<Job> queue = new LinkedBlockingQueue<>(MOST_WAITING);
  private final Thread thread;
  private volatile boolean closed;

  private sealed interface Job {
    /// @param planes [3,h,w]
    @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
    record Image(byte[] planes, CompletableFuture<float[]> result, long since) implements Job {}

    record Text(String text, CompletableFuture<float[]> result, long since) implements Job {}

    record Task(Runnable work, CompletableFuture<?> result) implements Job {}

    /// Wakes the thread up.
    record End() implements Job {}
  }

  Batcher(ImageTextEmbedder model, int most, Duration wait, Metrics metrics) {
    this.model = model;
    this.most = most;
    this.waitNanos = wait.toNanos();
    this.metrics = metrics;
    this.thread = Thread.ofPlatform().name("eosin-serve-model").daemon().start(this::work);
  }

  /// An image's embedding `[e]`.
  ///
  /// @param planes [3,h,w] uint8 at the model's size
  /// @throws ApiException when too many wait
  CompletableFuture<float[]> image(byte[] planes) throws ApiException {
    var result = new CompletableFuture<float[]>();
    enqueue(new Job.Image(planes, result, System.nanoTime()));
    return result;
  }

  /// A text's embedding `[e]`.
  ///
  /// @throws ApiException when too many wait
  CompletableFuture<float[]> text(String text) throws ApiException {
    var result = new CompletableFuture<float[]>();
    enqueue(new Job.Text(text, result, System.nanoTime()));
    return result;
  }

  /// Anything else that computes, by itself.
  ///
  /// @throws ApiException when too many wait
  <T> CompletableFuture<T> alone(Callable<T> work) throws ApiException {
    var result = new CompletableFuture<T>();
    enqueue(
        new Job.Task(
            () -> {
              try {
                result.complete(work.call());
              } catch (Exception | Error failed) {
                result.completeExceptionally(failed);
              }
            },
            result));
    return result;
  }

  int waiting() {
    return queue.size();
  }

  private void enqueue(Job job) throws ApiException {
    if (closed || !queue.offer(job)) {
      throw ApiException.busy();
    }
  }

  private void work() {
    try {
      while (!closed) {
        Job first = queue.take();
        List<Job.Image> images = new ArrayList<>();
        List<Job.Text> texts = new ArrayList<>();
        List<Job.Task> tasks = new ArrayList<>();
        gather(first, images, texts, tasks);
        embed(images, texts);
        // What nobody waits for any more is not computed.
        tasks.stream().filter(task -> !task.result().isDone()).forEach(task -> task.work().run());
      }
    } catch (InterruptedException closing) {
      closed = true;
    }
  }

  private void gather(Job first, List<Job.Image> images, List<Job.Text> texts, List<Job.Task> tasks)
      throws InterruptedException {
    long since =
        switch (first) {
          case Job.Image image -> image.since();
          case Job.Text text -> text.since();
          case Job.Task _, Job.End _ -> Long.MIN_VALUE / 2;
        };
    Job job = first;
    while (job != null) {
      boolean more =
          switch (job) {
            case Job.Image image -> images.add(image);
            case Job.Text text -> texts.add(text);
            case Job.Task task -> !tasks.add(task);
            case Job.End _ -> false;
          };
      if (!more || images.size() + texts.size() >= most) {
        return;
      }
      long left = since + waitNanos - System.nanoTime();
      job = left > 0 ? queue.poll(left, TimeUnit.NANOSECONDS) : queue.poll();
    }
  }

  private void embed(List<Job.Image> images, List<Job.Text> texts) {
    List<Job.Image> wantedImages = images.stream().filter(job -> !job.result().isDone()).toList();
    List<Job.Text> wantedTexts = texts.stream().filter(job -> !job.result().isDone()).toList();
    if (!wantedImages.isEmpty()) {
      metrics.batch("image", wantedImages.size());
      complete(
          wantedImages.stream().map(Job.Image::result).toList(),
          () -> {
            int bytes = wantedImages.getFirst().planes().length;
            byte[] all = new byte[bytes * wantedImages.size()];
            for (int i = 0; i < wantedImages.size(); i++) {
              System.arraycopy(wantedImages.get(i).planes(), 0, all, i * bytes, bytes);
            }
            return model.embedImages(all, wantedImages.size());
          });
    }
    if (!wantedTexts.isEmpty()) {
      metrics.batch("text", wantedTexts.size());
      complete(
          wantedTexts.stream().map(Job.Text::result).toList(),
          () -> model.embedTexts(wantedTexts.stream().map(Job.Text::text).toList()));
    }
  }

  private static void complete(
      List<CompletableFuture<float[]>> results, Callable<float[][]> compute) {
    try {
      float[][] rows = compute.call();
      for (int i = 0; i < rows.length; i++) {
        results.get(i).complete(rows[i]);
      }
    } catch (Exception | Error failed) {
      results.forEach(each -> each.completeExceptionally(failed));
    }
  }

  /// Ends the thread once what is at work is done; what waits is refused.
  @Override
  public void close() {
    closed = true;
    if (!queue.offer(new Job.End())) {
      thread.interrupt();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException again) {
        interrupted = true;
      }
    }
    for (Job job = queue.poll(); job != null; job = queue.poll()) {
      switch (job) {
        case Job.Image image -> image.result().completeExceptionally(ApiException.busy());
        case Job.Text text -> text.result().completeExceptionally(ApiException.busy());
        case Job.Task task -> task.result().completeExceptionally(ApiException.busy());
        case Job.End _ -> {}
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
