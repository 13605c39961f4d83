package dev.eosin.data.webdataset;

import dev.eosin.config.DataException;
import dev.eosin.data.shard.IndexStore;
import dev.eosin.data.shard.Part;
import dev.eosin.data.shard.PassedOver;
import dev.eosin.data.shard.ShardBytes;
import dev.eosin.data.shard.ShardIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// The shards of a source that can be read, with their indices.
///
/// @param shards in the recipe's order
/// @param passedOver members that are no part of a sample
/// @param notes on shards left out and indices that cannot be kept
record ShardSet(List<Shard> shards, List<PassedOver> passedOver, List<String> notes) {
  private static final int READERS = 8;
  private static final int SHOWN = 3;

  /// One shard.
  ///
  /// @param fileName without folders
  record Shard(String fileName, ShardBytes bytes, ShardIndex index) {
    /// The same shard with other samples.
    Shard with(ShardIndex other) {
      return new Shard(fileName, bytes, other);
    }
  }

  /// Finds one shard; may take its time.
  interface Opener {
    String fileName();

    ShardBytes bytes() throws IOException;

    /// @param bytes what [#bytes()] gave
    IndexStore.Opened index(ShardBytes bytes) throws IOException;
  }

  private sealed interface Outcome {
    record Ready(Shard shard, List<PassedOver> passedOver, List<String> notes) implements Outcome {}

    record Broken(String reason) implements Outcome {}
  }

  /// Indexes every shard, several at a time.
  ///
  /// @param skipBroken leaves out what cannot be opened, with a note
  /// @throws DataException naming the shards that are broken or missing
  static ShardSet open(List<? extends Opener> openers, boolean skipBroken) throws DataException {
    List<Shard> shards = new ArrayList<>();
    List<String> broken = new ArrayList<>();
    List<String> unkept = new ArrayList<>();
    PassedOver.Tally passedOver = new PassedOver.Tally();
    for (Outcome outcome : outcomes(openers)) {
      switch (outcome) {
        case Outcome.Ready(Shard shard, List<PassedOver> more, List<String> notes) -> {
          shards.add(shard);
          more.forEach(passedOver::add);
          unkept.addAll(notes);
        }
        case Outcome.Broken(String reason) -> broken.add(reason);
      }
    }
    if (!broken.isEmpty() && (!skipBroken || shards.isEmpty())) {
      throw new DataException(
          broken.size() == 1 && !shards.isEmpty()
              ? broken.getFirst() + "; skip-broken-shards: true goes on without it"
              : "%d of %d shards cannot be used: %s"
                  .formatted(broken.size(), openers.size(), first(broken)));
    }
    return new ShardSet(shards, passedOver.list(), notes(openers.size(), broken, unkept));
  }

  private static List<String> notes(int all, List<String> broken, List<String> unkept) {
    List<String> notes = new ArrayList<>();
    if (!broken.isEmpty()) {
      notes.add("%d of %d shards are left out: %s".formatted(broken.size(), all, first(broken)));
    }
    if (!unkept.isEmpty()) {
      notes.add(
          "the index of %d shards cannot be kept, so they are scanned at every start; set 'index'"
                  .formatted(unkept.size())
              + " to a folder that can be written: "
              + unkept.getFirst());
    }
    return List.copyOf(notes);
  }

  private static String first(List<String> reasons) {
    String shown = String.join("; ", reasons.subList(0, Math.min(SHOWN, reasons.size())));
    return reasons.size() > SHOWN ? shown + "; ..." : shown;
  }

  private static List<Outcome> outcomes(List<? extends Opener> openers) throws DataException {
    List<Callable<Outcome>> tasks =
        openers.stream().<Callable<Outcome>>map(opener -> () -> outcome(opener)).toList();
    List<Outcome> outcomes = new ArrayList<>();
    try (ExecutorService readers = Executors.newFixedThreadPool(READERS)) {
      for (Future<Outcome> future : readers.invokeAll(tasks)) {
        outcomes.add(future.get());
      }
    } catch (InterruptedException | CancellationException e) {
      Thread.currentThread().interrupt();
      throw new DataException("interrupted while indexing shards", e);
    } catch (ExecutionException e) {
      throw new IllegalStateException("indexing a shard failed: " + e.getCause(), e);
    }
    return outcomes;
  }

  private static Outcome outcome(Opener opener) {
    try {
      ShardBytes bytes = opener.bytes();
      IndexStore.Opened opened = opener.index(bytes);
      return new Outcome.Ready(
          new Shard(opener.fileName(), bytes, opened.index()),
          opened.passedOver().stream().map(each -> inShard(bytes, each)).toList(),
          opened.unkept().map(List::of).orElse(List.of()));
    } catch (IOException e) {
      return new Outcome.Broken(String.valueOf(e.getMessage()));
    }
  }

  private static PassedOver inShard(ShardBytes bytes, PassedOver member) {
    return new PassedOver(member.reason(), member.count(), bytes.name() + ": " + member.example());
  }

  /// Number of samples that have a part.
  long with(Part part) {
    return shards.stream().mapToLong(shard -> shard.index().with(part)).sum();
  }

  /// Number of samples.
  long size() {
    return shards.stream().mapToLong(shard -> shard.index().size()).sum();
  }
}
