package dev.eosin.image.transforms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.augmentation.AugmentationTest;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StainNormaliserTest {
  @TempDir private Path folder;

  private Path written(String name) throws IOException {
    return Files.write(folder.resolve(name + ".png"), Png.encode(AugmentationTest.recorded(name)));
  }

  @Test
  void theStainsOfAReferenceAreTorchstains() throws IOException {
    StainNormaliser.Stains stains =
        StainNormaliser.stains(AugmentationTest.recorded("macenko_target")).orElseThrow();

    float[] vectors = AugmentationTest.numbers("macenko_vectors");
    float[] strongest = AugmentationTest.numbers("macenko_strongest");
    for (int stain = 0; stain < 2; stain++) {
      assertThat(stains.strongest()[stain]).isCloseTo(strongest[stain], within(1e-5));
      for (int channel = 0; channel < 3; channel++) {
        assertThat(stains.vectors()[stain][channel])
            .isCloseTo(vectors[2 * channel + stain], within(1e-6));
      }
    }
  }

  /// Both compute in double precision and cut to whole levels: rounding may tell two apart.
  @Test
  void normalisedTilesAreTorchstainsWithinOneLevel() throws IOException {
    StainNormaliser normaliser = StainNormaliser.of(written("macenko_target"));
    RgbImage expected = AugmentationTest.recorded("macenko_normalised");

    RgbImage normalised = normaliser.apply(AugmentationTest.recorded("macenko_source"));

    int different = 0;
    for (int i = 0; i < expected.pixels().length; i++) {
      int difference = Math.abs((normalised.pixels()[i] & 0xFF) - (expected.pixels()[i] & 0xFF));
      assertThat(difference).isLessThanOrEqualTo(1);
      different += difference;
    }
    assertThat(different).isLessThan(20);
  }

  /// Recorded by record.py from the real fields of torchstain.
  @Test
  void realFieldsHaveTheRecordedStains() throws IOException {
    String shared = System.getenv().getOrDefault("EOSIN_SHARED", "../shared");
    Path references = Path.of(shared, "data", "stain-references");
    assumeTrue(
        Files.isDirectory(references),
        () -> "no folder " + references + ": name what holds it by EOSIN_SHARED");
    Path target = references.resolve("torchstain-target.png");
    RgbImage field = new ImageDecoder().decode(target).toRgb();
    StainNormaliser.Stains stains = StainNormaliser.stains(field).orElseThrow();
    double[][] vectors = {
      {0.721637186, 0.662038283, 0.202348913}, {0.349714358, 0.910141265, 0.222132271}
    };
    for (int stain = 0; stain < 2; stain++) {
      for (int channel = 0; channel < 3; channel++) {
        assertThat(stains.vectors()[stain][channel])
            .isCloseTo(vectors[stain][channel], within(1e-8));
      }
    }
    assertThat(stains.strongest()[0]).isCloseTo(1.776921304, within(1e-8));
    assertThat(stains.strongest()[1]).isCloseTo(0.738856242, within(1e-8));

    Path source = references.resolve("torchstain-source.png");
    RgbImage normalised =
        StainNormaliser.of(target).apply(new ImageDecoder().decode(source).toRgb());

    double[] means = new double[3];
    for (int i = 0; i < normalised.pixels().length; i++) {
      means[i % 3] += (normalised.pixels()[i] & 0xFF) * 3.0 / normalised.pixels().length;
    }
    assertThat(means[0]).isCloseTo(209.72933477200226, within(1e-3));
    assertThat(means[1]).isCloseTo(187.33564771376743, within(1e-3));
    assertThat(means[2]).isCloseTo(223.44084255957966, within(1e-3));
  }

  @Test
  void tilesWithoutTissueAreLeftAlone() throws IOException {
    StainNormaliser normaliser = StainNormaliser.of(written("macenko_target"));
    byte[] glass = new byte[3 * 40 * 40];
    Arrays.fill(glass, (byte) 240);
    byte[] flat = new byte[3 * 40 * 40];
    Arrays.fill(flat, (byte) 90);

    assertThat(normaliser.apply(new RgbImage(40, 40, glass)).pixels()).isEqualTo(glass);
    assertThat(normaliser.apply(new RgbImage(40, 40, flat)).pixels()).isEqualTo(flat);
  }

  @Test
  void aReferenceWithoutTissueIsRefused() throws IOException {
    Path blank = folder.resolve("blank.png");
    Files.write(blank, Png.encode(new RgbImage(9, 9, new byte[3 * 81])));

    assertThatThrownBy(() -> StainNormaliser.of(blank))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(blank + ": shows too little tissue");
  }

  @Test
  void bothTransformsSeeTheReferencesStains() throws IOException {
    Path reference = written("macenko_target");
    ImageSettings plain = ImageSettings.openClip(new InputSize(new Pixels(64)));
    ImageTransforms transforms =
        AugmentationTest.bound(
                "size: 64 px\nstain-normalise: { reference: \"%s\" }".formatted(reference))
            .transforms();
    RgbImage tile = AugmentationTest.recorded("macenko_source");
    RgbImage stained = StainNormaliser.of(reference).apply(tile);

    RgbImage seen = transforms.evaluation().apply(tile, AugmentationTest.stream(0));

    assertThat(seen.pixels()).isEqualTo(plain.evaluation().apply(stained).pixels());
    assertThat(transforms.training().apply(tile, AugmentationTest.stream(0)).pixels())
        .isEqualTo(plain.training().apply(stained, AugmentationTest.stream(0)).pixels());
    assertThat(plain.transforms().evaluation()).isEqualTo(plain.evaluation());
  }
}
