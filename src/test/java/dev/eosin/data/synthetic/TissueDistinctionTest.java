package dev.eosin.data.synthetic;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.config.Pixels;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.settings.SyntheticSettings.Split;
import dev.eosin.image.RgbImage;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/// Nearest-neighbour classification with simple features: the classes can be told apart, but not by
/// their colour alone.
class TissueDistinctionTest {
  private static final int CLASSES = Tissue.values().length;
  private static final int TRAIN = 60 * CLASSES;
  private static final int VALIDATION = 20 * CLASSES;

  @Test
  void texturesTellTheClassesApart() throws IOException {
    assertThat(accuracy(false)).isGreaterThan(0.75);
  }

  @Test
  void meanColourAloneDoesNot() throws IOException {
    assertThat(accuracy(true)).isBetween(0.2, 0.75);
  }

  private static double accuracy(boolean colourOnly) throws IOException {
    double[][] train = features(Split.TRAIN, TRAIN, colourOnly);
    double[][] validation = features(Split.VALIDATION, VALIDATION, colourOnly);
    double[] scale = deviations(train);
    double right = 0;
    for (int i = 0; i < VALIDATION; i++) {
      right += nearest(train, validation[i], scale) % CLASSES == i % CLASSES ? 1 : 0;
    }
    return right / VALIDATION;
  }

  private static double[][] features(Split split, int count, boolean colourOnly)
      throws IOException {
    SyntheticSource source =
        new SyntheticSource(new SyntheticSettings(count, split, new Pixels(64), 0));
    double[][] features = new double[count][];
    for (int i = 0; i < count; i++) {
      RgbImage tile = (RgbImage) source.get(i).image().read();
      features[i] = colourOnly ? meanColour(tile) : textures(tile);
    }
    return features;
  }

  private static double[] meanColour(RgbImage tile) {
    double[] mean = new double[3];
    for (int i = 0; i < tile.pixels().length; i++) {
      mean[i % 3] += (tile.pixels()[i] & 0xFF) * 3.0 / tile.pixels().length;
    }
    return mean;
  }

  /// Mean colour, contrast per channel and mean differences over 1, 3 and 8 pixels.
  private static double[] textures(RgbImage tile) {
    double[] mean = meanColour(tile);
    double[] features = new double[15];
    System.arraycopy(mean, 0, features, 0, 3);
    byte[] pixels = tile.pixels();
    for (int i = 0; i < pixels.length; i++) {
      double level = pixels[i] & 0xFF;
      features[3 + i % 3] += Math.pow(level - mean[i % 3], 2) / pixels.length;
      int[] steps = {1, 3, 8};
      for (int s = 0; s < 3; s++) {
        int other = (i + 3 * 65 * steps[s]) % pixels.length;
        features[6 + 3 * s + i % 3] += Math.abs(level - (pixels[other] & 0xFF)) / pixels.length;
      }
    }
    for (int i = 3; i < 6; i++) {
      features[i] = Math.sqrt(features[i]);
    }
    return features;
  }

  private static double[] deviations(double[][] rows) {
    double[] deviations = new double[rows[0].length];
    for (int f = 0; f < deviations.length; f++) {
      double sum = 0;
      double squares = 0;
      for (double[] row : rows) {
        sum += row[f];
        squares += row[f] * row[f];
      }
      double mean = sum / rows.length;
      deviations[f] = Math.sqrt(squares / rows.length - mean * mean);
    }
    return deviations;
  }

  private static int nearest(double[][] train, double[] query, double[] scale) {
    int best = 0;
    double bestDistance = Double.MAX_VALUE;
    for (int i = 0; i < train.length; i++) {
      double distance = 0;
      for (int f = 0; f < scale.length; f++) {
        distance += Math.pow((train[i][f] - query[f]) / scale[f], 2);
      }
      if (distance < bestDistance) {
        bestDistance = distance;
        best = i;
      }
    }
    return best;
  }
}
