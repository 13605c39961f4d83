package dev.eosin.cli;

import dev.eosin.tensor.Engine;
import dev.eosin.text.NativeLibrary;
import picocli.CommandLine.Command;

/// Makes DJL unpack its native libraries. The launcher runs it once under a lock, so that several
/// processes starting at once find them ready.
@Command(name = "unpack", hidden = true)
final class UnpackCommand implements Runnable {
  @Override
  public void run() {
    Engine.cudaDevices();
    NativeLibrary.unpack();
  }
}
