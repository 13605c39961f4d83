package dev.eosin.image.transforms;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.ParityCase;
import dev.eosin.image.Filter;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.EvaluationTransform.Fit;
import dev.eosin.image.transforms.EvaluationTransform.Rule;
import java.io.IOException;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// LLaVA's `expand2square` and a resize to 48 x 48 px in Pillow 12.3.0, by the CRC-32 of the RGB
/// bytes.
@Tag("parity")
class SquareCanvasTest {
  private static final int SIDE = 48;

  @ParameterizedTest
  @CsvSource({
    "rgb.png, 131, FC8F0882, 1202B56E, 5BB9E4E1",
    "tall.png, 411, F1A99800, 82A0374A, BC771CAE",
    "one_pixel_high.png, 300, E7723DD3, BCED5761, 5355B1C0",
    "palette.png, 120, 2196DBE0, 1830C36E, AA6CDC50",
    "alpha.png, 125, 3C2BAC91, CEC6C405, BC7CCD17",
    "gray.png, 120, F89185A6, 78781AB4, D2916CB4",
    "small_upscaled.png, 31, 9B9101DD, 2BA4D9E2, 6C464E1E",
  })
  void imagesMeetTheInputAsInPillow(
      String file, int side, String square, String padded, String squashed) throws IOException {
    Raster image = new ImageDecoder().decode(ParityCase.open("preprocess").file("images/" + file));
    var canvas = SquareCanvas.ofMean(Normalisation.OPENAI, transform(Fit.SHORTEST));
    RgbImage laid = canvas.laid(image.toRgb());
    assertThat(laid.width()).isEqualTo(side).isEqualTo(laid.height());
    assertThat(crc(laid)).isEqualTo(square);
    assertThat(crc(canvas.inside().apply(laid))).isEqualTo(padded);
    assertThat(crc(transform(Fit.SQUASH).apply(image))).isEqualTo(squashed);
  }

  private static EvaluationTransform transform(Fit fit) {
    return new EvaluationTransform(Rule.HUGGING_FACE, fit, SIDE, SIDE, Filter.BICUBIC);
  }

  private static String crc(RgbImage image) {
    var crc = new CRC32();
    crc.update(image.pixels());
    return "%08X".formatted(crc.getValue());
  }
}
