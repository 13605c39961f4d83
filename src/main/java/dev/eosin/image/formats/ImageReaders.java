package dev.eosin.image.formats;

import java.util.Iterator;
import javax.imageio.spi.IIORegistry;
import javax.imageio.spi.ImageReaderSpi;

/// Finds one certain ImageIO reader, whatever else is on the classpath.
public final class ImageReaders {
  private ImageReaders() {}

  /// @throws IllegalStateException when the Java runtime or the classpath lacks it
  public static ImageReaderSpi named(String className) {
    Iterator<ImageReaderSpi> providers =
        IIORegistry.getDefaultInstance().getServiceProviders(ImageReaderSpi.class, false);
    while (providers.hasNext()) {
      ImageReaderSpi provider = providers.next();
      if (provider.getClass().getName().equals(className)) {
        return provider;
      }
    }
    throw new IllegalStateException(
        "the image reader " + className + " is missing; use a JDK with the module java.desktop");
  }
}
