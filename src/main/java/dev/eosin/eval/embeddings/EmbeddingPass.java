package dev.eosin.eval.embeddings;

import dev.eosin.config.DataException;
import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.eval.activations.ActivationFile;
import dev.eosin.eval.activations.ActivationLog;
import dev.eosin.eval.activations.ActivationPass.Listener;
import dev.eosin.eval.activations.ActivationShape;
import dev.eosin.eval.activations.NumberType;
import dev.eosin.eval.activations.RankedRows;
import dev.eosin.eval.activations.RowDigests;
import dev.eosin.eval.activations.RowMeter;
import dev.eosin.eval.activations.RowsAhead;
import dev.eosin.group.Group;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;

/// Takes embeddings of images or texts into a file, in batches that are always full: rows are read
/// ahead of the model, those that were embedded before are not embedded again, and a process that
/// is killed goes on where it was to the same bytes. Memory holds a few batches, and of all rows
/// what a table says of them and their digests. An image that cannot be read is left out, counted
/// and listed.
public final class EmbeddingPass {
  private final EmbeddingFeed feed;
  private final Settings settings;
  private final ActivationFile file;
  private final SortedMap<String, String> pins;
  private final Map<String, String> more;

  /// How it is done.
  ///
  /// @param batch rows that go through the model together
  /// @param workers threads that read rows
  /// @param type of the numbers in the file
  public record Settings(int batch, int workers, NumberType type) {}

  /// @param model what an embedding depends on besides its row, such as the digest of weights
  /// @param more that the file says of itself, which the numbers do not depend on
  public EmbeddingPass(
      EmbeddingFeed feed,
      Settings settings,
      ActivationFile file,
      SortedMap<String, String> model,
      Map<String, String> more) {
    this.feed = feed;
    this.settings = settings;
    this.file = file;
    this.pins = new TreeMap<>(model);
    pins.put("rows", feed.fingerprint());
    pins.put("numbers", settings.type().name());
    this.more = Map.copyOf(more);
  }

  /// Whether the file is there already, of the same images: all of them are read for it.
  ///
  /// @return false where some have changed since, so that the file is to be written anew
  /// @throws DataException when another file is there
  public boolean isDone(Listener listener) throws IOException {
    if (!file.isDone(ActivationFile.EMBEDDINGS, pins)) {
      return false;
    }
    Map<Long, Optional<String>> before = new HashMap<>();
    try (StoredEmbeddings stored = StoredEmbeddings.open(file.path(), Optional.empty())) {
      stored.rows().forEach(row -> before.put(row.row(), row.sha256()));
    }
    file.leftOutRows().forEach(row -> before.put(row.row(), row.sha256()));
    long same = unchanged(feed.size(), row -> before.getOrDefault(row, Optional.empty()));
    if (same < feed.size()) {
      listener
          .note()
          .accept(
              "%s: is there already, but row %d, %s, has changed since; it is written anew"
                  .formatted(file.path(), same, feed.read(same).row().path()));
    }
    return same == feed.size();
  }

  /// How many of the first rows are made of what they were made of before.
  private long unchanged(long rows, RowsAhead.Before before) throws IOException {
    return new RowsAhead(settings.workers(), settings.batch())
        .unchanged(rows, feed::digest, before);
  }

  /// Goes through the rows that an earlier call has not done, then writes the file. Ranks share the
  /// rows, a batch each by turns; the first one writes what a process alone would.
  ///
  /// @param stop asked before each row, on several ranks behind each turn
  /// @return rows that have embeddings; empty when it was asked to stop, and the same call goes on
  /// @throws IOException when no row can be read, or numbers are none
  public Optional<Long> run(
      ImageTextEmbedder model, Group group, Listener listener, BooleanSupplier stop)
      throws IOException {
    return group.isFirst() ? written(model, group, listener, stop) : helped(model, group, stop);
  }

  private Optional<Long> helped(ImageTextEmbedder model, Group group, BooleanSupplier stop)
      throws IOException {
    RankedRows.Taker none = (row, own) -> {};
    RankedRows rows = RankedRows.share(group, 0, feed.size(), settings.batch(), none, stop);
    if (!through(rows, model)) {
      return Optional.empty();
    }
    group.meet(Group.Work.CHECKPOINT);
    return Optional.of(Math.round(group.sum(0)));
  }

  private Optional<Long> written(
      ImageTextEmbedder model, Group group, Listener listener, BooleanSupplier stop)
      throws IOException {
    RowDigests before;
    try (ActivationLog log = ActivationLog.open(file.work(), pins)) {
      before = log.digests();
    }
    long unchanged = unchanged(Math.min(before.size(), feed.size()), before::of);
    long same = feed.dependsOnBatch() ? unchanged - unchanged % settings.batch() : unchanged;
    try (ActivationLog log = ActivationLog.open(file.work(), pins, same)) {
      if (before.size() > 0) {
        listener.note().accept("%s: goes on behind %d rows".formatted(file.work(), log.done()));
      }
      var meter = new RowMeter(log.done(), feed.size(), listener);
      RankedRows.Taker logged = (row, own) -> log(log, meter, row, own);
      boolean through =
          through(
              RankedRows.share(group, log.done(), feed.size(), settings.batch(), logged, stop),
              model);
      feed.flush();
      log.flush();
      if (!through) {
        return Optional.empty();
      }
      requireSome(log);
      file.write(log.parts(), pins, more, feed.size());
      long left = feed.size() - log.kept();
      if (left > 0) {
        listener
            .note()
            .accept(
                "%d of %d rows were left out; %s lists them and says why"
                    .formatted(left, feed.size(), file.leftOut()));
      }
      log.remove();
      group.meet(Group.Work.CHECKPOINT);
      return Optional.of(Math.round(group.sum(log.kept())));
    }
  }

  private void requireSome(ActivationLog log) throws IOException {
    if (log.kept() == 0) {
      Embedded first = feed.read(0);
      log.remove();
      throw new DataException(
          "%s: none of %d images could be read, for example %s: %s"
              .formatted(
                  file.path(),
                  feed.size(),
                  first.row().path(),
                  first.reason().orElse("left out by an earlier call")));
    }
  }

  private boolean through(RankedRows rows, ImageTextEmbedder model) throws IOException {
    var stream = new EmbeddingStream(feed, settings.batch(), settings.workers());
    return stream.run(rows.own(), model, new Shared(rows), rows::stopped) && rows.finish();
  }

  /// What another rank computed is remembered here, where the cache can be written.
  private void log(ActivationLog log, RowMeter meter, RankedRows.Found row, boolean own)
      throws IOException {
    if (row.leftOut().isPresent()) {
      log.leaveOut(row.row(), row.leftOut().get());
    } else {
      float[] vector = row.states()[0];
      log.add(row.row(), row.states(), ActivationShape.embedding(vector.length, settings.type()));
      if (!own && row.computed()) {
        feed.keep(Embedded.known(row.row(), vector), vector);
      }
    }
    meter.done(log.done());
  }

  private record Shared(RankedRows rows) implements EmbeddingStream.Sink {
    @Override
    public void take(Embedded row, float[] vector) throws IOException {
      boolean computed = !(row.content() instanceof Embedded.Known);
      rows.add(new RankedRows.Found(row.row(), new float[][] {vector}, Optional.empty(), computed));
    }

    @Override
    public void leaveOut(Embedded row, String reason) throws IOException {
      rows.add(RankedRows.Found.leftOut(row.row(), reason));
    }
  }
}
