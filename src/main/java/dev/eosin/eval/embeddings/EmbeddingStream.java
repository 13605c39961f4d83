package dev.eosin.eval.embeddings;

import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.activations.RowsAhead;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;

/// Embeds rows in their order, in batches that are always full: rows are read ahead of the model,
/// and those that were embedded before are not embedded again. Memory holds a few batches.
///
/// @param batch rows that go through the model together
/// @param workers threads that read rows
record EmbeddingStream(EmbeddingFeed feed, int batch, int workers) {
  /// Batches of rows that are read ahead, or wait for a batch to be full.
  private static final int BATCHES_AHEAD = 3;

  /// Takes rows in their order.
  interface Sink {
    /// @param vector of length e
    void take(Embedded row, float[] vector) throws IOException;

    void leaveOut(Embedded row, String reason) throws IOException;
  }

  /// Goes through rows.
  ///
  /// @param rows of the feed, in the order in which the sink takes them
  /// @param stop asked before each row; rows that wait for a full batch are dropped then
  /// @return false when it was asked to stop
  /// @throws IOException when no row can be read any more, or the sink fails
  boolean run(
      PrimitiveIterator.OfLong rows, ImageTextEmbedder model, Sink sink, BooleanSupplier stop)
      throws IOException {
    Deque<Future<Embedded>> ahead = new ArrayDeque<>();
    var waiting = new Waiting(model, sink);
    try (ExecutorService readers = Executors.newFixedThreadPool(workers)) {
      try {
        while (rows.hasNext() || !ahead.isEmpty()) {
          if (stop.getAsBoolean()) {
            feed.flush();
            return false;
          }
          while (rows.hasNext() && ahead.size() < BATCHES_AHEAD * batch) {
            long wanted = rows.nextLong();
            ahead.add(readers.submit(() -> feed.read(wanted)));
          }
          waiting.add(RowsAhead.joined(ahead.remove()));
        }
        waiting.finish();
      } finally {
        ahead.forEach(each -> each.cancel(true));
      }
    }
    feed.flush();
    return true;
  }

  /// Rows in their order, of which some wait until a batch is full.
  private final class Waiting {
    private final ImageTextEmbedder model;
    private final Sink sink;
    private final List<Embedded> rows = new ArrayList<>();
    private final List<Embedded> wanted = new ArrayList<>();

    Waiting(ImageTextEmbedder model, Sink sink) {
      this.model = model;
      this.sink = sink;
    }

    void add(Embedded row) throws IOException {
      rows.add(row);
      switch (row.content()) {
        case Embedded.Image _, Embedded.Text _ -> wanted.add(row);
        case Embedded.Known _, Embedded.LeftOut _ -> {}
      }
      boolean full = wanted.size() == batch;
      if (full || wanted.isEmpty() || rows.size() > BATCHES_AHEAD * batch) {
        finish();
      }
    }

    void finish() throws IOException {
      IdentityHashMap<Embedded, float[]> computed = new IdentityHashMap<>();
      if (!wanted.isEmpty()) {
        float[][] vectors = feed.embed(model, wanted, batch);
        for (int i = 0; i < wanted.size(); i++) {
          computed.put(wanted.get(i), vectors[i]);
        }
      }
      for (Embedded row : rows) {
        switch (row.content()) {
          case Embedded.Image _, Embedded.Text _ -> {
            float[] vector = computed.getOrDefault(row, new float[0]);
            sink.take(row, vector);
            feed.keep(row, vector);
          }
          case Embedded.Known(float[] vector) -> sink.take(row, vector);
          case Embedded.LeftOut(String reason) -> sink.leaveOut(row, reason);
        }
      }
      rows.clear();
      wanted.clear();
    }
  }
}
