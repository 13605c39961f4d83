package dev.eosin.caption;

import dev.eosin.image.Filter;
import dev.eosin.image.Jpeg;
import dev.eosin.image.Resize;
import dev.eosin.image.RgbImage;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HexFormat;

/// A picture as it is sent, and the name that stands for it in a recorded request.
///
/// @param small of the size that is sent
record ChatPicture(RgbImage small, int quality) {
  /// Shrinks a picture to the settings' size; a smaller one stays as it is.
  static ChatPicture of(RgbImage image, LlmSettings.Picture settings) {
    int longest = Math.max(image.width(), image.height());
    int most = settings.side().value();
    if (longest <= most) {
      return new ChatPicture(image, settings.quality());
    }
    int width = Math.max(1, Math.round((float) image.width() * most / longest));
    int height = Math.max(1, Math.round((float) image.height() * most / longest));
    Resize shrink = Resize.whole(image.width(), image.height(), width, height, Filter.BICUBIC);
    return new ChatPicture(shrink.apply(image).toRgb(), settings.quality());
  }

  /// The JPEG file as an address.
  String dataUrl() {
    return "data:image/jpeg;base64,"
        + Base64.getEncoder().encodeToString(Jpeg.encode(small, quality));
  }

  /// Names the pixels: a JPEG encoder's bytes may differ from one Java to the next.
  String name() {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(ByteBuffer.allocate(8).putInt(small.width()).putInt(small.height()).flip());
      digest.update(small.pixels());
      return "pixels:sha256:" + HexFormat.of().formatHex(digest.digest());
    } catch (NoSuchAlgorithmException everyJavaHasIt) {
      throw new IllegalStateException(everyJavaHasIt);
    }
  }
}
