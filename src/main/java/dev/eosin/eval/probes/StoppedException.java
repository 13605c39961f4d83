package dev.eosin.eval.probes;

/// A task was asked to stop, and nothing came of it: who runs tasks says so in its own way.
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1;
}
