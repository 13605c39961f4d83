package dev.eosin.data.synthetic;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;
import java.util.Optional;

/// Draws a tile from its appearance: a pure function of its arguments.
final class TileRenderer {
  private TileRenderer() {}

  /// @param size of the square tile in pixels
  /// @param random the tile's own stream, past the draws of `look`
  static RgbImage render(Appearance look, int size, RandomStream random) {
    Canvas canvas = painted(look, size, random);
    return developed(canvas, look, Stain.natural(look), random);
  }

  /// As above, in one of the bands of stain and with what lies over the tissue.
  ///
  /// @param random the tile's own stream, past the draws of `look`
  static RgbImage render(
      Appearance look,
      StainBand band,
      Optional<Calcification> over,
      int size,
      RandomStream random) {
    Canvas canvas = painted(look, size, random);
    over.ifPresent(calcification -> calcification.paint(canvas, random));
    return developed(canvas, look, Stain.banded(look, band), random);
  }

  private static Canvas painted(Appearance look, int size, RandomStream random) {
    Canvas canvas = new Canvas(size, look.zoom(), look.rotation());
    Brushwork brush = new Brushwork(canvas, look, random);
    switch (look.tissue()) {
      case NORMAL_MUCOSA -> GlandPainter.normal(brush);
      case ADENOCARCINOMA -> GlandPainter.adenocarcinoma(brush);
      case SQUAMOUS_CARCINOMA -> SquamousPainter.paint(brush);
      case STROMA -> FibrePainter.stroma(brush);
      case SMOOTH_MUSCLE -> FibrePainter.muscle(brush);
      case ADIPOSE -> AdiposePainter.paint(brush);
      case LYMPHOCYTES -> LymphocytePainter.paint(brush);
      case MUCUS -> MucusPainter.paint(brush);
      case NECROSIS -> NecrosisPainter.paint(brush);
    }
    return canvas;
  }

  private static RgbImage developed(
      Canvas canvas, Appearance look, Stain stain, RandomStream random) {
    int size = canvas.size();
    double deviation = look.defocus() * Math.max(0.55, Math.sqrt(size / 224.0));
    Blur.gaussian(canvas.haematoxylin(), size, deviation);
    Blur.gaussian(canvas.eosin(), size, deviation);
    return stain.develop(canvas, random);
  }
}
