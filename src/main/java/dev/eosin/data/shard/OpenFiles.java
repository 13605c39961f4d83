package dev.eosin.data.shard;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// Keeps a bounded number of files open: the ones used last, and those in use. Thread safe.
final class OpenFiles {
  private final int most;
  private final Map<Path, Entry> entries = new LinkedHashMap<>(16, 0.75f, true);

  /// @param most files that stay open when nobody reads
  OpenFiles(int most) {
    this.most = most;
  }

  /// Reads from a file that stays open meanwhile.
  @FunctionalInterface
  interface Use<T> {
    T with(FileChannel channel) throws IOException;
  }

  private static final class Entry {
    private final FileChannel channel;
    private int users;

    Entry(FileChannel channel) {
      this.channel = channel;
    }
  }

  <T> T read(Path file, Use<T> use) throws IOException {
    Entry entry = take(file);
    try {
      return use.with(entry.channel);
    } finally {
      giveBack(entry);
    }
  }

  /// Number of files open now.
  synchronized int count() {
    return entries.size();
  }

  private synchronized Entry take(Path file) throws IOException {
    Entry entry = entries.get(file);
    // An interrupted reader closes its channel for everyone.
    if (entry == null || !entry.channel.isOpen()) {
      entry = new Entry(FileChannel.open(file, StandardOpenOption.READ));
      entries.put(file, entry);
    }
    entry.users++;
    return entry;
  }

  private synchronized void giveBack(Entry entry) throws IOException {
    entry.users--;
    Iterator<Entry> oldestFirst = entries.values().iterator();
    while (entries.size() > most && oldestFirst.hasNext()) {
      Entry candidate = oldestFirst.next();
      if (candidate.users == 0) {
        oldestFirst.remove();
        candidate.channel.close();
      }
    }
  }
}
