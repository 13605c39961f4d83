package dev.eosin.file;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;

/// The real file system, but for syncing, until step `last`; then it ends as the mode says. Counts
/// every change of the file system as a step. Files may be synced by several threads.
public final class FaultyDisk implements Disk {
  public enum Mode {
    /// The power goes: nothing happens any more, and bytes that were not synced are lost.
    POWER_CUT,
    /// No byte more can be written and no folder made; renaming and deleting work.
    FULL
  }

  /// Ends the program, so that nothing catches it.
  public static final class PowerCut extends Error {
    private static final long serialVersionUID = 1;
  }

  private final Mode mode;
  private final long last;
  private final Set<Path> unsynced = new HashSet<>();
  private long steps;

  public FaultyDisk(Mode mode, long last) {
    this.mode = mode;
    this.last = last;
  }

  /// Whether the fault has happened.
  public boolean hasFailed() {
    return steps > last;
  }

  private synchronized void step(boolean needsSpace) throws IOException {
    steps++;
    if (steps <= last) {
      return;
    }
    switch (mode) {
      case POWER_CUT -> {
        for (Path file : unsynced) {
          if (Files.exists(file)) {
            Files.write(file, new byte[0]);
          }
        }
        throw new PowerCut();
      }
      case FULL -> {
        if (needsSpace) {
          throw new IOException("No space left on device");
        }
      }
    }
  }

  @Override
  public SyncedOutput create(Path file) throws IOException {
    step(true);
    unsynced.add(file);
    SyncedOutput real = REAL.create(file);
    return new SyncedOutput(real) {
      @Override
      public void write(byte[] bytes, int offset, int length) throws IOException {
        // Half of it arrives before the fault.
        real.write(bytes, offset, length / 2);
        step(true);
        real.write(bytes, offset + length / 2, length - length / 2);
      }

      @Override
      public void sync() throws IOException {
        synchronized (FaultyDisk.this) {
          step(true);
          unsynced.remove(file);
        }
      }
    };
  }

  @Override
  public void createFolder(Path folder) throws IOException {
    step(true);
    REAL.createFolder(folder);
  }

  @Override
  public void syncFolder(Path folder) throws IOException {
    step(false);
  }

  @Override
  public void rename(Path from, Path to) throws IOException {
    step(false);
    REAL.rename(from, to);
  }

  @Override
  public void link(Path name, Path existing) throws IOException {
    step(false);
    REAL.link(name, existing);
  }

  @Override
  public void delete(Path path) throws IOException {
    step(false);
    REAL.delete(path);
  }
}
