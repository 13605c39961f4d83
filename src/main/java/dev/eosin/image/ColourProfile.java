package dev.eosin.image;

import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.ColorConvertOp;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.IOException;

/// A scanner's colour profile: brings pixels to sRGB, by the JDK's own colour management. Thread
/// safe.
public final class ColourProfile {
  private static final int BANDS = 3;
  private static final int[] ORDER = {0, 1, 2};

  private final ColorConvertOp conversion;

  private ColourProfile(ColorConvertOp conversion) {
    this.conversion = conversion;
  }

  /// @param icc an ICC profile of RGB
  /// @throws IOException without a file's name, when it is none
  public static ColourProfile of(byte[] icc) throws IOException {
    try {
      ICC_Profile profile = ICC_Profile.getInstance(icc);
      if (profile.getNumComponents() != BANDS
          || profile.getColorSpaceType() != ColorSpace.TYPE_RGB) {
        throw new IOException(
            "the colour profile is of %d components; 3 of RGB are read"
                .formatted(profile.getNumComponents()));
      }
      ICC_Profile standard = ICC_Profile.getInstance(ColorSpace.CS_sRGB);
      var found =
          new ColourProfile(new ColorConvertOp(new ICC_Profile[] {profile, standard}, null));
      // Some flaws of profiles show when they are first used.
      found.toStandard(new RgbImage(1, 1, new byte[BANDS]));
      return found;
    } catch (RuntimeException broken) {
      throw new IOException("the colour profile is broken", broken);
    }
  }

  /// The pixels in sRGB.
  public RgbImage toStandard(RgbImage image) {
    byte[] result = new byte[image.pixels().length];
    synchronized (conversion) {
      conversion.filter(raster(image, image.pixels()), raster(image, result));
    }
    return new RgbImage(image.width(), image.height(), result);
  }

  private static WritableRaster raster(RgbImage image, byte[] pixels) {
    DataBuffer buffer = new DataBufferByte(pixels, pixels.length);
    return Raster.createInterleavedRaster(
        buffer, image.width(), image.height(), BANDS * image.width(), BANDS, ORDER, null);
  }
}
