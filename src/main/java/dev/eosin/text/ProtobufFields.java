package dev.eosin.text;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// The fields of one protobuf message, one after the other.
///
/// Enough of the wire format for a sentencepiece model; every length is bounded by what is there.
/// Source: protobuf's "Encoding" page.
final class ProtobufFields {
  private static final int VARINT = 0;
  private static final int FIXED_64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED_32 = 5;

  private final ByteBuffer buffer;
  private int number;
  private int wire;

  ProtobufFields(byte[] message) {
    buffer = ByteBuffer.wrap(message).order(ByteOrder.LITTLE_ENDIAN);
  }

  /// The message is not what was expected.
  static final class Malformed extends RuntimeException {
    private static final long serialVersionUID = 1;

    Malformed(String message) {
      super(message);
    }
  }

  /// Goes to the next field, whose value must then be taken or skipped.
  boolean next() {
    if (!buffer.hasRemaining()) {
      return false;
    }
    long key = varint();
    number = (int) (key >>> 3);
    wire = (int) (key & 7);
    if (key < 0 || key > 0xFFFFFFFFL || number == 0) {
      throw new Malformed("no field at byte " + buffer.position());
    }
    return true;
  }

  int number() {
    return number;
  }

  long integer() {
    expect(VARINT);
    return varint();
  }

  boolean flag() {
    return integer() != 0;
  }

  float real() {
    expect(FIXED_32);
    need(Float.BYTES);
    return buffer.getFloat();
  }

  byte[] bytes() {
    expect(BYTES);
    int length = length();
    int from = buffer.position();
    buffer.position(from + length);
    return Arrays.copyOfRange(buffer.array(), from, from + length);
  }

  String text() {
    return new String(bytes(), StandardCharsets.UTF_8);
  }

  ProtobufFields message() {
    return new ProtobufFields(bytes());
  }

  void skip() {
    switch (wire) {
      case VARINT -> varint();
      case FIXED_64 -> pass(Long.BYTES);
      case BYTES -> pass(length());
      case FIXED_32 -> pass(Integer.BYTES);
      default -> throw wrongWire();
    }
  }

  private Malformed wrongWire() {
    return new Malformed("field %d of wire type %d".formatted(number, wire));
  }

  private void expect(int type) {
    if (wire != type) {
      throw wrongWire();
    }
  }

  private int length() {
    long length = varint();
    if (length < 0 || length > buffer.remaining()) {
      throw new Malformed(
          "field %d is %d bytes long, but %d are left: the file is cut or no protobuf"
              .formatted(number, length, buffer.remaining()));
    }
    return (int) length;
  }

  private void need(int bytes) {
    if (buffer.remaining() < bytes) {
      throw new Malformed("it ends inside field " + number);
    }
  }

  private void pass(int bytes) {
    need(bytes);
    buffer.position(buffer.position() + bytes);
  }

  private long varint() {
    long value = 0;
    for (int shift = 0; shift < Long.SIZE; shift += 7) {
      need(1);
      byte part = buffer.get();
      value |= (long) (part & 0x7F) << shift;
      if (part >= 0) {
        return value;
      }
    }
    throw new Malformed("a number of over 64 bits at byte " + buffer.position());
  }
}
