package dev.eosin.group;

/// Another rank of the group failed, so this one cannot go on. The other's own exception says why.
public final class LostRankException extends RuntimeException {
  private static final long serialVersionUID = 1;

  public LostRankException(int rank) {
    super("rank %d failed; this rank waited for it".formatted(rank));
  }
}
