package dev.eosin.slide;

import dev.eosin.config.DataException;
import dev.eosin.image.RgbImage;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;

/// The pieces of a slide that were decoded last: tiles that are cut cross them. Thread safe; two
/// threads may decode the same piece at once.
final class PieceCache {
  /// @param place row by row
  private record Key(int level, long place) {}

  /// Decodes what is not kept.
  @FunctionalInterface
  interface Decoding {
    RgbImage read() throws DataException;
  }

  private final long most;
  private final Map<Key, RgbImage> kept = new LinkedHashMap<>(64, 0.75f, true);
  private long bytes;

  /// @param most bytes of pixels that are kept
  PieceCache(long most) {
    this.most = most;
  }

  RgbImage get(int level, long place, Decoding decoding) throws DataException {
    Key key = new Key(level, place);
    synchronized (kept) {
      RgbImage found = kept.get(key);
      if (found != null) {
        return found;
      }
    }
    RgbImage decoded = decoding.read();
    synchronized (kept) {
      if (kept.putIfAbsent(key, decoded) == null) {
        bytes += decoded.pixels().length;
        forget();
      }
    }
    return decoded;
  }

  private void forget() {
    Iterator<RgbImage> oldest = kept.values().iterator();
    while (bytes > most && oldest.hasNext()) {
      bytes -= oldest.next().pixels().length;
      oldest.remove();
    }
  }
}
