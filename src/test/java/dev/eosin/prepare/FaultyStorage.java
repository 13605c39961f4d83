package dev.eosin.prepare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/// The real file until step `last`, counting appends and syncs; then it fails as the mode says.
/// Half of a line arrives before the fault. Nothing is really synced, which takes most of the time.
final class FaultyStorage implements LedgerFile.Storage {
  enum Mode {
    /// The process is gone; what it wrote stays.
    KILLED,
    /// The power goes: bytes that were not synced are lost.
    POWER_CUT,
    /// No byte more can be written.
    FULL,
    /// One step fails, later ones do not, as when another program frees some space.
    FULL_ONCE
  }

  /// Ends the run so that nothing catches it.
  static final class Cut extends Error {
    private static final long serialVersionUID = 1;
  }

  private final Mode mode;
  private final long last;
  private long steps;
  private long length;
  private long synced;

  FaultyStorage(Mode mode, long last) {
    this.mode = mode;
    this.last = last;
  }

  /// Without faults.
  static FaultyStorage none() {
    return new FaultyStorage(Mode.KILLED, Long.MAX_VALUE);
  }

  synchronized boolean hasFailed() {
    return steps > last;
  }

  @Override
  public synchronized void append(FileChannel channel, ByteBuffer line, long offset)
      throws IOException {
    if (mode == Mode.FULL_ONCE || !hasFailed()) {
      ByteBuffer half = line.slice(0, line.limit() / 2);
      REAL.append(channel, half, offset);
      step(channel);
      REAL.append(channel, line, offset);
      length = offset + line.limit();
      return;
    }
    step(channel);
  }

  @Override
  public synchronized void sync(FileChannel channel) throws IOException {
    step(channel);
    length = Math.max(length, channel.size());
    synced = length;
  }

  private void step(FileChannel channel) throws IOException {
    boolean first = !hasFailed();
    steps++;
    if (steps <= last) {
      return;
    }
    switch (mode) {
      case KILLED -> throw new Cut();
      case POWER_CUT -> {
        if (first) {
          channel.truncate(synced);
        }
        throw new Cut();
      }
      case FULL -> throw new IOException("No space left on device");
      case FULL_ONCE -> {
        if (first) {
          throw new IOException("No space left on device");
        }
      }
    }
  }
}
