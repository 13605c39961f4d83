package dev.eosin.eval.activations;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.Answerer;
import dev.eosin.eval.Answerer.Question;
import dev.eosin.group.Group;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PrimitiveIterator;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/// Takes a model's hidden states at the last token of the prompt, of one row after the other, into
/// a file. Images are decoded ahead of the model; memory holds a few of them and a few rows of
/// states, however many there are. An image that cannot be read is left out, counted and listed.
public final class ActivationPass {
  private static final int DECODERS = 2;
  private static final int AHEAD = 8;

  private final ListedImages images;
  private final Settings settings;
  private final ActivationFile file;
  private final SortedMap<String, String> pins;

  /// What is taken.
  ///
  /// @param prompt asked about each image; a row's own text comes first
  /// @param layers that are kept
  /// @param type of the numbers
  public record Settings(Optional<String> prompt, LayerChoice layers, NumberType type) {}

  /// Who listens.
  ///
  /// @param note what a user should know, one line each
  /// @param progress told now and then
  public record Listener(Consumer<String> note, Consumer<Progress> progress) {}

  /// How far it is.
  ///
  /// @param done rows, those that were left out among them
  /// @param rate rows a second of this call
  public record Progress(long done, long all, double rate) {}

  /// @param model what the states depend on besides prompt and rows, such as the digest of weights
  public ActivationPass(
      ListedImages images,
      Settings settings,
      ActivationFile file,
      SortedMap<String, String> model) {
    this.images = images;
    this.settings = settings;
    this.file = file;
    this.pins = new TreeMap<>(model);
    pins.put("prompt", settings.prompt().orElse("each row's own"));
    pins.put("rows", images.fingerprint());
    pins.put("layers", settings.layers().text());
    pins.put("numbers", settings.type().name());
    pins.put("state", "last token of the prompt");
  }

  /// Refuses rows that cannot be asked about, before anything is computed.
  ///
  /// @param model refuses texts that are too long
  /// @throws IOException naming the row
  public void check(Room model) throws IOException {
    if (settings.prompt().isPresent()) {
      model.require("the prompt", settings.prompt().get());
    }
    for (long row = 0; row < images.size(); row++) {
      ListedImage image = images.get(row);
      if (image.text().isPresent()) {
        model.require(image.path(), image.text().get());
      } else if (settings.prompt().isEmpty()) {
        throw new DataException(image.path() + ": nothing is asked of it; give a prompt");
      }
    }
  }

  /// Refuses a text that has no room in the model.
  public interface Room {
    void require(String id, String text) throws IOException;
  }

  /// Whether the file is there already, of the same images: all of them are read for it.
  ///
  /// @return false where some have changed since, so that the file is to be written anew
  /// @throws DataException when another one is
  public boolean isDone(Listener listener) throws IOException {
    if (!file.isDone(pins)) {
      return false;
    }
    Map<Long, Optional<String>> before = new HashMap<>();
    try (StoredActivations stored = StoredActivations.open(file.path(), Optional.empty())) {
      stored.rows().forEach(row -> before.put(row.row(), row.sha256()));
    }
    file.leftOutRows().forEach(row -> before.put(row.row(), row.sha256()));
    long same = unchanged(images.size(), row -> before.getOrDefault(row, Optional.empty()));
    if (same < images.size()) {
      listener
          .note()
          .accept(
              "%s: is there already, but row %d, %s, has changed since; it is written anew"
                  .formatted(file.path(), same, images.get(same).path()));
    }
    return same == images.size();
  }

  private long unchanged(long rows, RowsAhead.Before before) throws IOException {
    return new RowsAhead(DECODERS, AHEAD).unchanged(rows, row -> digest(images.get(row)), before);
  }

  /// Goes through the rows that an earlier call has not done, then writes the file. Rows whose
  /// images have changed since, and those behind them, are done anew. Ranks share the rows, one
  /// each by turns; the first one writes what a process alone would.
  ///
  /// @param stop asked before each row, on several ranks behind each turn
  /// @return rows that have states; empty when it was asked to stop, and the same call goes on
  /// @throws IOException when the model tells no states, or no image can be read
  public Optional<Long> run(Answerer model, Group group, Listener listener, BooleanSupplier stop)
      throws IOException {
    return group.isFirst() ? written(model, group, listener, stop) : helped(model, group, stop);
  }

  private Optional<Long> helped(Answerer model, Group group, BooleanSupplier stop)
      throws IOException {
    if (!through(RankedRows.share(group, 0, images.size(), 1, (row, own) -> {}, stop), model)) {
      return Optional.empty();
    }
    group.meet(Group.Work.CHECKPOINT);
    return Optional.of(Math.round(group.sum(0)));
  }

  private Optional<Long> written(
      Answerer model, Group group, Listener listener, BooleanSupplier stop) throws IOException {
    RowDigests before;
    try (ActivationLog log = ActivationLog.open(file.work(), pins)) {
      before = log.digests();
    }
    long same = unchanged(Math.min(before.size(), images.size()), before::of);
    try (ActivationLog log = ActivationLog.open(file.work(), pins, same)) {
      if (before.size() > 0) {
        listener.note().accept("%s: goes on behind %d rows".formatted(file.work(), log.done()));
      }
      var meter = new RowMeter(log.done(), images.size(), listener);
      RankedRows.Taker logged = (row, own) -> log(log, meter, row);
      boolean through =
          through(RankedRows.share(group, log.done(), images.size(), 1, logged, stop), model);
      log.flush();
      if (!through) {
        return Optional.empty();
      }
      if (log.kept() == 0) {
        throw new DataException(
            "%s: none of %d images could be read, for example %s"
                .formatted(file.path(), images.size(), firstReason(log)));
      }
      file.write(log.parts(), pins, images.size());
      long left = images.size() - log.kept();
      if (left > 0) {
        listener
            .note()
            .accept(
                "%d of %d rows were left out, as their images cannot be read; %s lists them"
                    .formatted(left, images.size(), file.leftOut()));
      }
      log.remove();
      group.meet(Group.Work.CHECKPOINT);
      return Optional.of(Math.round(group.sum(log.kept())));
    }
  }

  private String firstReason(ActivationLog log) throws IOException {
    ListedImage first = images.get(0);
    log.remove();
    return first.path() + ": " + reading(first).reason().orElse("left out by an earlier call");
  }

  private record Ahead(long row, Future<Read> read) {}

  private boolean through(RankedRows rows, Answerer model) throws IOException {
    Deque<Ahead> ahead = new ArrayDeque<>();
    PrimitiveIterator.OfLong own = rows.own();
    try (ExecutorService decoders = Executors.newFixedThreadPool(DECODERS)) {
      try {
        while (own.hasNext() || !ahead.isEmpty()) {
          if (rows.stopped()) {
            return false;
          }
          while (own.hasNext() && ahead.size() < AHEAD) {
            long row = own.nextLong();
            ListedImage image = images.get(row);
            ahead.add(new Ahead(row, decoders.submit(() -> reading(image))));
          }
          Ahead next = ahead.remove();
          rows.add(found(next.row(), model, RowsAhead.joined(next.read())));
        }
      } finally {
        ahead.forEach(each -> each.read().cancel(true));
      }
    }
    return rows.finish();
  }

  private void log(ActivationLog log, RowMeter meter, RankedRows.Found row) throws IOException {
    if (row.leftOut().isPresent()) {
      log.leaveOut(row.row(), row.leftOut().get());
    } else {
      log.add(row.row(), row.states(), settings.layers(), settings.type());
    }
    meter.done(log.done());
  }

  private RankedRows.Found found(long number, Answerer model, Read read) throws IOException {
    ActivationRow listed = ActivationRow.of(number, read.image());
    ActivationRow row = read.digest().map(listed::with).orElse(listed);
    if (read.reason().isPresent()) {
      return RankedRows.Found.leftOut(row, read.reason().get());
    }
    String text = read.image().text().or(settings::prompt).orElseThrow();
    float[][] states =
        model
            .hiddenStates(new Question(row.path(), read.pixels(), text, List.of(), 1))
            .orElseThrow(
                () ->
                    new DataException(
                        "the model tells no hidden states of its layers: behind an encoder, the last token of a prompt is not what answers; name a model with a decoder alone"));
    return new RankedRows.Found(row, states, Optional.empty(), true);
  }

  /// A row whose images were decoded, or why they could not be.
  ///
  /// @param digest of their files
  private record Read(
      ListedImage image, List<RgbImage> pixels, Optional<String> digest, Optional<String> reason) {}

  private static Read reading(ListedImage image) throws IOException {
    Optional<String> digest = digest(image);
    List<RgbImage> pixels = new ArrayList<>();
    try {
      for (Sample.ImageReader each : image.images()) {
        pixels.add(each.read().toRgb());
      }
      return new Read(image, pixels, digest, Optional.empty());
    } catch (IOException e) {
      return new Read(image, List.of(), digest, Optional.of(String.valueOf(e.getMessage())));
    }
  }

  /// Of the image's file, or of the digests of several; empty where there are no files, or one of
  /// them cannot be read.
  private static Optional<String> digest(ListedImage image) throws IOException {
    List<byte[]> digests = new ArrayList<>();
    try {
      for (Sample.ImageReader each : image.images()) {
        Optional<byte[]> bytes = each.encoded();
        if (bytes.isEmpty()) {
          return Optional.empty();
        }
        digests.add(sha256(List.of(bytes.get())));
      }
    } catch (IOException unreadable) {
      return Optional.empty();
    }
    return digests.isEmpty()
        ? Optional.empty()
        : Optional.of(
            HexFormat.of().formatHex(digests.size() == 1 ? digests.getFirst() : sha256(digests)));
  }

  private static byte[] sha256(List<byte[]> parts) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      parts.forEach(digest::update);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
