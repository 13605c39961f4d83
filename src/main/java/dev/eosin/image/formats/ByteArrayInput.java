package dev.eosin.image.formats;

import java.nio.ByteOrder;
import javax.imageio.stream.ImageInputStreamImpl;

/// Image bytes already in memory; remembers whether a decoder asked for more than there is, which
/// is how a truncated JPEG shows itself.
public final class ByteArrayInput extends ImageInputStreamImpl {
  private final byte[] bytes;
  private boolean readPastEnd;

  public ByteArrayInput(byte[] bytes) {
    this.bytes = bytes;
    setByteOrder(ByteOrder.BIG_ENDIAN);
  }

  boolean readPastEnd() {
    return readPastEnd;
  }

  @Override
  public int read() {
    setBitOffsetToZero();
    if (streamPos >= bytes.length) {
      readPastEnd = true;
      return -1;
    }
    return bytes[(int) streamPos++] & 0xFF;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    setBitOffsetToZero();
    if (length == 0) {
      return 0;
    }
    if (streamPos >= bytes.length) {
      readPastEnd = true;
      return -1;
    }
    int count = (int) Math.min(length, bytes.length - streamPos);
    System.arraycopy(bytes, (int) streamPos, target, offset, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return bytes.length;
  }

  private void setBitOffsetToZero() {
    bitOffset = 0;
  }
}
