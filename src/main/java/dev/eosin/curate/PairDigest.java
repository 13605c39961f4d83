package dev.eosin.curate;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/// Stands for an image and a caption: half of their SHA-256, so that millions of pairs fit into
/// memory.
record PairDigest(long high, long low) {
  static PairDigest of(String image, String caption) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      byte[] name = image.getBytes(StandardCharsets.UTF_8);
      digest.update(ByteBuffer.allocate(Integer.BYTES).putInt(name.length).array());
      digest.update(name);
      digest.update(caption.getBytes(StandardCharsets.UTF_8));
      ByteBuffer bytes = ByteBuffer.wrap(digest.digest());
      return new PairDigest(bytes.getLong(), bytes.getLong());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
