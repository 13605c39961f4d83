package dev.eosin.eval.embeddings;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.List;

/// What a rank made of its images, as bytes for the others: how many were known before, then each
/// image in the rank's order.
final class RankVectors {
  private RankVectors() {}

  /// What became of an image.
  sealed interface Made {}

  /// @param reason why it has no vector, in one line
  record Failed(String reason) implements Made {}

  /// @param digest of what was seen
  /// @param worthKeeping whether a cache by files may remember it
  @SuppressWarnings("ArrayRecordComponent") // handed on, never compared
  record Vector(byte[] digest, boolean worthKeeping, float[] values) implements Made {}

  static byte[] bytes(ImageVectors.Taken own) throws IOException {
    ImageVectors read = own.all();
    float[][] vectors = read.vectors();
    List<byte[]> digests = own.digests();
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeInt(read.known());
    int next = 0;
    for (int place = 0; place < vectors.length + read.failed().size(); place++) {
      String reason = read.failed().get(place);
      out.writeBoolean(reason != null);
      if (reason != null) {
        out.writeInt(reason.length());
        out.writeChars(reason);
      } else {
        out.writeBoolean(own.worthKeeping().get(next));
        out.writeInt(digests.get(next).length);
        out.write(digests.get(next));
        out.writeInt(vectors[next].length);
        for (float value : vectors[next]) {
          out.writeFloat(value);
        }
        next++;
      }
    }
    return bytes.toByteArray();
  }

  /// The next image of a rank.
  static Made next(DataInputStream in) throws IOException {
    if (in.readBoolean()) {
      char[] reason = new char[in.readInt()];
      for (int i = 0; i < reason.length; i++) {
        reason[i] = in.readChar();
      }
      return new Failed(new String(reason));
    }
    boolean worthKeeping = in.readBoolean();
    byte[] digest = in.readNBytes(in.readInt());
    float[] values = new float[in.readInt()];
    for (int i = 0; i < values.length; i++) {
      values[i] = in.readFloat();
    }
    return new Vector(digest, worthKeeping, values);
  }
}
