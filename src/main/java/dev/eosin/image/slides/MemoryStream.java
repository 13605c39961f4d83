package dev.eosin.image.slides;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// A stream over native memory, as libopenjp2 calls it: address, length and position are in native
/// memory, too, so that one function serves every stream.
final class MemoryStream {
  private static final int LENGTH = 1;
  private static final int POSITION = 2;
  private static final long STATE_BYTES = 3 * Long.BYTES;
  private static final long END = -1;

  private MemoryStream() {}

  /// The state of a stream that reads `data` from its start.
  static MemorySegment begin(Arena arena, MemorySegment data) {
    MemorySegment state = arena.allocate(STATE_BYTES, Long.BYTES);
    state.setAtIndex(ValueLayout.JAVA_LONG, 0, data.address());
    state.setAtIndex(ValueLayout.JAVA_LONG, LENGTH, data.byteSize());
    return state;
  }

  private static long get(MemorySegment state, int index) {
    return state.getAtIndex(ValueLayout.JAVA_LONG, index);
  }

  /// `opj_stream_read_fn`.
  static long read(MemorySegment buffer, long bytes, MemorySegment userData) {
    MemorySegment state = userData.reinterpret(STATE_BYTES);
    long position = get(state, POSITION);
    long count = Math.min(bytes, get(state, LENGTH) - position);
    if (count <= 0) {
      return END;
    }
    MemorySegment data = MemorySegment.ofAddress(get(state, 0)).reinterpret(get(state, LENGTH));
    MemorySegment.copy(data, position, buffer.reinterpret(count), 0, count);
    state.setAtIndex(ValueLayout.JAVA_LONG, POSITION, position + count);
    return count;
  }

  /// `opj_stream_skip_fn`.
  static long skip(long bytes, MemorySegment userData) {
    MemorySegment state = userData.reinterpret(STATE_BYTES);
    long count = Math.min(bytes, get(state, LENGTH) - get(state, POSITION));
    if (count < 0) {
      return END;
    }
    state.setAtIndex(ValueLayout.JAVA_LONG, POSITION, get(state, POSITION) + count);
    return count;
  }

  /// `opj_stream_seek_fn`.
  static int seek(long position, MemorySegment userData) {
    MemorySegment state = userData.reinterpret(STATE_BYTES);
    boolean inside = position >= 0 && position <= get(state, LENGTH);
    if (inside) {
      state.setAtIndex(ValueLayout.JAVA_LONG, POSITION, position);
    }
    return inside ? 1 : 0;
  }
}
