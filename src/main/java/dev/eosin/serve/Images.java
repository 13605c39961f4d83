package dev.eosin.serve;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import java.util.Base64;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Images of requests, which are data URLs: nothing is fetched from anywhere. As many are decoded
/// at once as there are cores.
final class Images {
  private static final RandomKey UNUSED = new RandomKey(0);
  private static final String DATA = "data:";
  private static final String BASE64 = ";base64";

  private final Semaphore cores = new Semaphore(Runtime.getRuntime().availableProcessors(), true);

  /// Whether a text of a request is meant to be an image.
  static boolean isImage(String text) {
    return text.startsWith("data:image/");
  }

  /// An image's bytes.
  ///
  /// @param name of the parameter, for messages
  /// @throws ApiException when it is no data URL with base64 in it
  static byte[] bytes(JsonNode node, String name) throws ApiException {
    if (!node.isTextual()) {
      throw ApiException.wrong(
          name, "is %s; an image is a text: %s".formatted(Requests.kind(node), expected()));
    }
    String url = node.textValue();
    int comma = url.indexOf(',');
    if (!url.startsWith(DATA) || comma < 0 || !url.substring(0, comma).endsWith(BASE64)) {
      throw ApiException.wrong(
          name,
          "'%s' is no image; %s. Nothing is fetched from elsewhere"
              .formatted(Requests.shortened(url), expected()));
    }
    try {
      return Base64.getDecoder().decode(url.substring(comma + 1).strip());
    } catch (IllegalArgumentException broken) {
      throw ApiException.wrong(name, "is no base64 behind its comma");
    }
  }

  private static String expected() {
    return "write data:image/png;base64,... with the file's bytes";
  }

  /// Decodes an image.
  ///
  /// @param name of the parameter, for messages
  /// @throws ApiException when it cannot be read, is larger than the decoder takes, or the decoders
  ///   are busy until the deadline
  RgbImage decoded(byte[] bytes, String name, ImageDecoder decoder, Deadline deadline)
      throws ApiException, InterruptedException {
    return raster(bytes, name, decoder, deadline, Raster::toRgb);
  }

  /// A model's input [3,h,w] of an image.
  ///
  /// @throws ApiException as [#decoded]
  byte[] planes(
      byte[] bytes, String name, ImageDecoder decoder, TileTransform transform, Deadline deadline)
      throws ApiException, InterruptedException {
    RgbImage input =
        raster(
            bytes,
            name,
            decoder,
            deadline,
            image -> transform.apply(image, UNUSED.stream(Purpose.AUGMENTATION, 0, 0)));
    byte[] planes = new byte[3 * input.width() * input.height()];
    input.writePlanar(planes, 0);
    return planes;
  }

  private interface Use {
    RgbImage of(Raster image);
  }

  private RgbImage raster(
      byte[] bytes, String name, ImageDecoder decoder, Deadline deadline, Use use)
      throws ApiException, InterruptedException {
    try {
      return inTurn(deadline, () -> use.of(decoder.decode(bytes, name)));
    } catch (DataException unreadable) {
      throw new ApiException(400, "invalid_image", name, String.valueOf(unreadable.getMessage()));
    }
  }

  /// What decodes something else, in its turn.
  interface Work<T, E extends Exception> {
    T done() throws E;
  }

  /// Decodes in turn with everybody else: no more at once than there are cores.
  ///
  /// @throws ApiException when the decoders are busy until the deadline
  <T, E extends Exception> T inTurn(Deadline deadline, Work<T, E> work)
      throws E, ApiException, InterruptedException {
    if (!cores.tryAcquire(deadline.left(), TimeUnit.NANOSECONDS)) {
      throw ApiException.busy();
    }
    try {
      return work.done();
    } finally {
      cores.release();
    }
  }

  /// The embedding of something, or why there is none.
  static <T> T await(Future<T> result, Deadline deadline)
      throws ApiException, ExecutionException, TimeoutException, InterruptedException {
    try {
      return deadline.await(result);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof ApiException said) {
        throw said;
      }
      throw e;
    }
  }
}
