package dev.eosin.bench;

import dev.eosin.image.RgbImage;
import dev.eosin.random.RandomStream;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.geom.AffineTransform;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.util.List;

/// Draws onto tiles what figures and talks have on them. Letters are strokes of this class's own,
/// so that no fonts are needed.
final class FigureDrawing {
  /// Strokes in a box of 4 by 6, each from point to point.
  private static final List<String> LETTERS =
      List.of(
          "06 20 46|13 33", // A
          "40 00 06 46|03 33", // E
          "40 00 06|03 33", // F
          "00 06|40 46|03 43", // H
          "00 06 46", // L
          "06 00 23 40 46", // M
          "06 00 46 40", // N
          "00 40|20 26", // T
          "00 26 40", // V
          "00 40 06 46", // Z
          "10 30 41 45 36 16 05 01 10", // O
          "41 30 10 01 05 16 36 45", // C
          "11 20 26", // 1
          "00 40 16", // 7
          "30 04 44|30 36", // 4
          "41 30 10 01 02 13 33 44 45 36 16 05"); // S

  private static final List<Color> INKS =
      List.of(
          Color.BLACK,
          Color.WHITE,
          Color.YELLOW,
          new Color(230, 20, 20),
          new Color(20, 220, 40),
          new Color(20, 40, 230));

  private final RandomStream random;

  FigureDrawing(RandomStream random) {
    this.random = random;
  }

  /// Tiles beside and above each other, between gutters.
  RgbImage panels(List<RgbImage> tiles) {
    boolean column = random.nextInt(2) == 0;
    int across = tiles.size() == 4 ? 2 : column ? 1 : tiles.size();
    int down = tiles.size() / across;
    int side = tiles.getFirst().width();
    int gutter = 3 + random.nextInt(12);
    var image =
        new BufferedImage(
            across * side + (across - 1) * gutter,
            down * side + (down - 1) * gutter,
            BufferedImage.TYPE_INT_RGB);
    Graphics2D pen = image.createGraphics();
    pen.setColor(random.nextInt(4) == 0 ? Color.BLACK : Color.WHITE);
    pen.fillRect(0, 0, image.getWidth(), image.getHeight());
    for (int i = 0; i < tiles.size(); i++) {
      int x = i % across * (side + gutter);
      int y = i / across * (side + gutter);
      pen.drawImage(buffered(tiles.get(i)), x, y, null);
    }
    pen.dispose();
    return image(image);
  }

  /// One to three arrows, filled or of lines.
  RgbImage arrows(RgbImage tile) {
    BufferedImage image = buffered(tile);
    Graphics2D pen = pen(image);
    for (int left = 1 + random.nextInt(3); left > 0; left--) {
      double length = 0.1 * tile.width() + random.nextInt(tile.width() / 4);
      double thick = Math.max(2, length * (0.05 + 0.05 * random.nextDouble()));
      double x = (0.2 + 0.6 * random.nextDouble()) * tile.width();
      double y = (0.2 + 0.6 * random.nextDouble()) * tile.height();
      var place = AffineTransform.getTranslateInstance(x, y);
      place.rotate(2 * Math.PI * random.nextDouble());
      pen.setTransform(place);
      double head = 3 * thick + 2;
      pen.setStroke(new BasicStroke((float) thick, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER));
      pen.draw(line(-length / 2, 0, length / 2 - head / 2, 0));
      Path2D.Double tip = new Path2D.Double();
      tip.moveTo(length / 2 - head, -0.6 * head);
      tip.lineTo(length / 2, 0);
      tip.lineTo(length / 2 - head, 0.6 * head);
      if (random.nextInt(3) > 0) {
        tip.closePath();
        pen.fill(tip);
      } else {
        pen.draw(tip);
        pen.draw(line(0, 0, length / 2 - thick, 0));
      }
    }
    pen.dispose();
    return image(image);
  }

  private static Path2D.Double line(double fromX, double fromY, double toX, double toY) {
    Path2D.Double line = new Path2D.Double();
    line.moveTo(fromX, fromY);
    line.lineTo(toX, toY);
    return line;
  }

  /// A word of three to ten letters.
  RgbImage text(RgbImage tile) {
    BufferedImage image = buffered(tile);
    Graphics2D pen = pen(image);
    int letters = 3 + random.nextInt(8);
    double height = Math.min(10 + random.nextInt(22), tile.width() / (letters * 0.95));
    double scale = height / 6;
    double x = 4 + random.nextDouble() * Math.max(1, tile.width() - letters * height * 0.95 - 8);
    double y = 4 + random.nextDouble() * (tile.height() - height - 8);
    pen.setStroke(new BasicStroke((float) Math.max(1.6, height * 0.14)));
    for (int i = 0; i < letters; i++) {
      String letter = LETTERS.get(random.nextInt(LETTERS.size()));
      for (String stroke : letter.split("[|]")) {
        Path2D.Double path = new Path2D.Double();
        String[] points = stroke.split(" ");
        for (int p = 0; p < points.length; p++) {
          double toX = x + i * height * 0.95 + scale * (points[p].charAt(0) - '0');
          double toY = y + scale * (points[p].charAt(1) - '0');
          if (p == 0) {
            path.moveTo(toX, toY);
          } else {
            path.lineTo(toX, toY);
          }
        }
        pen.draw(path);
      }
    }
    pen.dispose();
    return image(image);
  }

  private Graphics2D pen(BufferedImage image) {
    Graphics2D pen = image.createGraphics();
    pen.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    pen.setColor(INKS.get(random.nextInt(INKS.size())));
    return pen;
  }

  private static RgbImage image(BufferedImage drawn) {
    byte[] pixels = new byte[3 * drawn.getWidth() * drawn.getHeight()];
    for (int i = 0; i < pixels.length / 3; i++) {
      int rgb = drawn.getRGB(i % drawn.getWidth(), i / drawn.getWidth());
      pixels[3 * i] = (byte) (rgb >> 16);
      pixels[3 * i + 1] = (byte) (rgb >> 8);
      pixels[3 * i + 2] = (byte) rgb;
    }
    return new RgbImage(drawn.getWidth(), drawn.getHeight(), pixels);
  }

  private static BufferedImage buffered(RgbImage tile) {
    var image = new BufferedImage(tile.width(), tile.height(), BufferedImage.TYPE_INT_RGB);
    byte[] pixels = tile.pixels();
    for (int i = 0; i < tile.width() * tile.height(); i++) {
      int rgb =
          (pixels[3 * i] & 0xFF) << 16 | (pixels[3 * i + 1] & 0xFF) << 8 | pixels[3 * i + 2] & 0xFF;
      image.setRGB(i % tile.width(), i / tile.width(), rgb);
    }
    return image;
  }
}
