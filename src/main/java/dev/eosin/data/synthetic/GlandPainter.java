package dev.eosin.data.synthetic;

/// Normal colon mucosa (round crypts, goblet cells, nuclei at the base) and adenocarcinoma (crowded
/// irregular glands, dark piled-up nuclei, debris in the lumen).
final class GlandPainter {
  private GlandPainter() {}

  static void normal(Brushwork brush) {
    looseGround(brush);
    double ownRadius = brush.narrowed(40, 52);
    double ownSpacing = ownRadius * brush.narrowed(2.25, 2.6);
    double spacing = brush.apart(ownSpacing);
    double radius = ownRadius * (spacing / ownSpacing);
    inflammatoryCells(brush, brush.loose(21 - 5 * brush.look().cellularity()), 0.55);
    brush.scatter(
        spacing,
        0.16,
        (x, y) -> {
          double size = radius * brush.between(0.88, 1.1);
          crypt(brush, new GlandShape(x, y, size, 0.11, brush.random()));
        });
  }

  private static void looseGround(Brushwork brush) {
    Canvas canvas = brush.canvas();
    double pink = brush.between(0.35, 0.55);
    canvas.fill(
        (pixel, cover, depth, x, y) -> {
          double weave = brush.fine().rough(x * 0.09, y * 0.09);
          double gap = Math.clamp((0.4 - brush.coarse().rough(x * 0.055, y * 0.055)) * 5, 0, 0.75);
          double strand = brush.fine().ridge(x * 0.05 + 3 * weave, y * 0.05 + 9) - 0.5;
          double body = 0.35 + 1.1 * weave + 0.35 * strand;
          canvas.add(pixel, 0.1 * weave, pink * Math.max(0.05, body) * (1 - gap));
        });
  }

  private static void inflammatoryCells(Brushwork brush, double spacing, double share) {
    brush.scatter(
        spacing,
        0.95,
        (x, y) -> {
          if (!brush.chance(share)) {
            return;
          }
          double angle = brush.between(0, Math.PI);
          if (brush.chance(0.5)) {
            brush.lymphocyte(x, y);
          } else if (brush.chance(0.5)) {
            brush.patch(x, y, 7.5, 5.5, angle, 0.3, 0.6);
            brush.nucleus(
                x + 2.5 * StrictMath.cos(angle),
                y + 2.5 * StrictMath.sin(angle),
                3.9,
                3.6,
                0,
                1.25);
          } else {
            brush.nucleus(x, y, brush.between(7, 10), 2.2, angle, 1.15);
          }
        });
  }

  private static void crypt(Brushwork brush, GlandShape shape) {
    Canvas canvas = brush.canvas();
    double lumen = brush.between(0.1, 0.24);
    canvas.around(
        shape.x(),
        shape.y(),
        shape.largestRadius() + 4,
        (pixel, cover, depth, x, y) -> {
          double d = shape.depth(x, y);
          double inside = Math.clamp((1.04 - d) * 14, 0, 1);
          if (inside == 0) {
            return;
          }
          double weave = brush.fine().at(x * 0.2, y * 0.2) - 0.5;
          if (d < lumen) {
            canvas.cover(pixel, inside, 0.1 + 0.08 * weave, 0.08);
          } else if (d > 0.99) {
            canvas.cover(pixel, inside * 0.7, 0.15, 0.75);
          } else {
            canvas.cover(pixel, inside, 0.16 + 0.1 * weave, 0.42 + 0.2 * weave);
          }
        });
    gobletCells(brush, shape, lumen);
    basalNuclei(brush, shape);
  }

  private static void gobletCells(Brushwork brush, GlandShape shape, double lumen) {
    int cells = (int) Math.round(shape.circumference() / 17);
    double turn = brush.between(0, 2 * Math.PI);
    for (int i = 0; i < cells; i++) {
      if (brush.chance(0.2)) {
        continue;
      }
      double angle = turn + 2 * Math.PI * (i + brush.between(-0.2, 0.2)) / cells;
      double at = brush.between(0.46, 0.66);
      double radius = shape.radius(angle);
      double along = radius * (0.74 - lumen) * brush.between(0.22, 0.36);
      double across = radius * at * Math.PI / cells * brush.between(0.8, 1.25);
      double blue = brush.between(0.05, 0.26);
      double x = shape.x() + StrictMath.cos(angle) * radius * at;
      double y = shape.y() + StrictMath.sin(angle) * radius * at;
      brush.patch(x, y, along, across, angle, blue, 0.09);
    }
  }

  private static void basalNuclei(Brushwork brush, GlandShape shape) {
    int nuclei = (int) Math.round(shape.circumference() / 7.4);
    for (int i = 0; i < nuclei; i++) {
      if (brush.chance(0.07)) {
        continue;
      }
      double angle = 2 * Math.PI * (i + brush.between(-0.45, 0.45)) / nuclei;
      double radius = shape.radius(angle) * brush.between(0.8, 0.91);
      double x = shape.x() + StrictMath.cos(angle) * radius;
      double y = shape.y() + StrictMath.sin(angle) * radius;
      double along = brush.between(4.2, 6.4);
      double tilt = angle + brush.between(-0.3, 0.3);
      brush.nucleus(x, y, along, brush.between(2.3, 3.3), tilt, brush.between(0.9, 1.3));
    }
  }

  static void adenocarcinoma(Brushwork brush) {
    FibrePainter.collagen(brush, 14, 0.25, brush.between(0.5, 0.75));
    inflammatoryCells(brush, brush.loose(30), 0.5);
    double ownRadius = brush.narrowed(34, 52);
    double ownSpacing = ownRadius * (2.3 - 0.35 * brush.look().cellularity());
    double spacing = brush.apart(ownSpacing);
    double radius = ownRadius * (spacing / ownSpacing);
    brush.scatter(
        spacing,
        0.45,
        (x, y) -> {
          double size = radius * brush.narrowed(0.6, 1.2);
          malignantGland(brush, new GlandShape(x, y, size, 0.34, brush.random()));
        });
  }

  private static void malignantGland(Brushwork brush, GlandShape shape) {
    Canvas canvas = brush.canvas();
    double lumen = brush.chance(0.2) ? 0.02 : brush.between(0.2, 0.42);
    boolean debris = brush.chance(0.5);
    double blue = brush.between(0.28, 0.45);
    double pink = brush.between(0.45, 0.65);
    canvas.around(
        shape.x(),
        shape.y(),
        shape.largestRadius() + 4,
        (pixel, cover, depth, x, y) -> {
          double d = shape.depth(x, y);
          double inside = Math.clamp((1.02 - d) * 12, 0, 1);
          if (inside == 0) {
            return;
          }
          double weave = brush.fine().at(x * 0.22, y * 0.22) - 0.5;
          double ragged = lumen * (0.75 + 0.5 * brush.coarse().at(x * 0.12, y * 0.12));
          if (d < ragged) {
            double filth = debris ? 0.45 + 0.5 * weave : 0.05;
            canvas.cover(pixel, inside, 0.05 + 0.15 * filth, filth);
          } else {
            canvas.cover(pixel, inside, blue + 0.15 * weave, pink + 0.2 * weave);
          }
        });
    if (debris) {
      lumenDust(brush, shape, lumen);
    }
    piledNuclei(brush, shape, lumen);
  }

  private static void lumenDust(Brushwork brush, GlandShape shape, double lumen) {
    double reach = shape.largestRadius() * lumen * 0.7;
    int specks = (int) (reach * 0.9);
    for (int i = 0; i < specks; i++) {
      double x = shape.x() + brush.between(-reach, reach);
      double y = shape.y() + brush.between(-reach, reach);
      brush.dot(x, y, brush.between(0.8, 2), 1.1, 0.4);
    }
  }

  /// Two to four rows of elongated nuclei of very different size and darkness.
  private static void piledNuclei(Brushwork brush, GlandShape shape, double lumen) {
    double wall = shape.circumference() / (2 * Math.PI) * (1 - lumen);
    int layers = Math.clamp(Math.round(wall / 12), 1, 4);
    for (int layer = 0; layer < layers; layer++) {
      double depth = 0.92 - (0.88 - lumen) * layer / (layers + 0.4);
      int nuclei = (int) Math.round(shape.circumference() * depth / 10.5);
      for (int i = 0; i < nuclei; i++) {
        if (brush.chance(0.12 + 0.13 * layer)) {
          continue;
        }
        double angle = 2 * Math.PI * (i + brush.between(-0.4, 0.4)) / Math.max(nuclei, 1);
        double radius = shape.radius(angle) * (depth + brush.between(-0.05, 0.05));
        double x = shape.x() + StrictMath.cos(angle) * radius;
        double y = shape.y() + StrictMath.sin(angle) * radius;
        double along = brush.between(5.2, 9.2);
        double tilt = angle + brush.between(-0.45, 0.45);
        if (brush.chance(0.2)) {
          brush.vesicularNucleus(x, y, along, brush.between(4.2, 5.6), tilt);
        } else {
          brush.nucleus(x, y, along, brush.between(3.2, 5), tilt, brush.between(1, 1.6));
        }
      }
    }
  }
}
