package dev.eosin.data.shard;

import dev.eosin.config.DataException;

/// A shard that was whole when it was opened is gone or cut.
///
/// No row is at fault, so none is replaced: what the run has done so far is what it would have done
/// anyway, and it can go on from there once the shard is back.
public final class LostShardException extends DataException {
  /// Of another process of the same run.
  public LostShardException(String message) {
    super(message);
  }

  LostShardException(String message, Throwable cause) {
    super(message, cause);
  }
}
