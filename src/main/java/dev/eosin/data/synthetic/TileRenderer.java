package dev.eosin.data.synthetic;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;

/// Draws a tile from its appearance: a pure function of its arguments.
final class TileRenderer {
  private TileRenderer() {}

  /// @param size of the square tile in pixels
  /// @param random the tile's own stream, past the draws of `look`
  static RgbImage render(Appearance look, int size, RandomStream random) {
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
    double deviation = look.defocus() * Math.max(0.55, Math.sqrt(size / 224.0));
    Blur.gaussian(canvas.haematoxylin(), size, deviation);
    Blur.gaussian(canvas.eosin(), size, deviation);
    return new Stain(look).develop(canvas, random);
  }
}
