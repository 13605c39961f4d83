package dev.eosin.clip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.clip.LossSettings.Positives;
import dev.eosin.config.Binder;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchLoader;
import dev.eosin.data.opened.DataSets;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.settings.BatchSettings;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Each kind of positives changes the loss where samples are alike in it, and nowhere else.
class PositivesTest {
  private static final int SIZE = 8;
  private static final int EMBEDDING = 16;
  private static final RandomKey KEY = new RandomKey(5);
  // Another form of the loss adds up in another order.
  private static final double ROUNDING = 1e-5;

  @TempDir Path home;

  @BeforeEach
  void makeTiles() throws IOException {
    for (int i = 0; i < SIZE; i++) {
      Path file = home.resolve("tiles/%s/%d.png".formatted(i < 4 ? "stroma" : "tumour", i));
      Files.createDirectories(file.getParent());
      byte[] pixels = new byte[3 * 4 * 4];
      Arrays.fill(pixels, (byte) (30 * i));
      Files.write(file, Png.encode(new RgbImage(4, 4, pixels)));
    }
  }

  @Test
  void samplesOfAClassAreAlikeWhicheverTemplateIsDrawn() throws IOException {
    Batch batch =
        batch(
            "{ type: folder, path: %s, templates: ['An image of {}.', 'A photo of {}, H&E.', '{}', 'Tile: {}'] }"
                .formatted(home.resolve("tiles")),
            "[]");
    // Ids alone tell most rows of a class apart.
    assertThat(Arrays.stream(batch.captionClasses()).distinct().count()).isGreaterThan(2);
    assertThat(Arrays.stream(batch.equalCaptions().classes()).distinct().count()).isEqualTo(2);
    double own = loss(Positives.OWN_CAPTION, batch);
    double equal = loss(Positives.EQUAL_CAPTIONS, batch);
    assertThat(Math.abs(equal - own)).isGreaterThan(0.1);
    assertThat(loss(Positives.SAME_LABEL, batch)).isEqualTo(equal);
    assertThat(loss(Positives.SAME_IMAGE, batch)).isCloseTo(own, within(ROUNDING));
  }

  @Test
  void rowsOfAnImageAreAlikeWhateverTheirCaptionsSay() throws IOException {
    StringBuilder rows = new StringBuilder("image,caption\n");
    for (int row = 0; row < SIZE; row++) {
      rows.append("tiles/stroma/%d.png,Caption number %d\n".formatted(row % 4, row));
    }
    Batch batch = batch(table(rows), "[]");
    double own = loss(Positives.OWN_CAPTION, batch);
    assertThat(Math.abs(loss(Positives.SAME_IMAGE, batch) - own)).isGreaterThan(0.1);
    assertThat(loss(Positives.EQUAL_CAPTIONS, batch)).isCloseTo(own, within(ROUNDING));
    assertThat(loss(Positives.SAME_LABEL, batch)).isCloseTo(own, within(ROUNDING));
  }

  @Test
  void captionsAreComparedBeforeATemplateOfTheRecipeIsDrawn() throws IOException {
    StringBuilder rows = new StringBuilder("image,caption\n");
    for (int row = 0; row < SIZE; row++) {
      rows.append(
          "tiles/%s/%d.png,%s\n"
              .formatted(row < 4 ? "stroma" : "tumour", row, row % 2 == 0 ? "Fat" : "Bone"));
    }
    Batch plain = batch(table(rows), "[]");
    Batch drawn =
        batch(table(rows), "['{caption}', 'A {caption}', 'The {caption}', 'H&E {caption}']");
    assertThat(drawn.captionClasses()).isNotEqualTo(plain.captionClasses());
    assertThat(drawn.equalCaptions().classes()).isEqualTo(plain.equalCaptions().classes());
    double equal = loss(Positives.EQUAL_CAPTIONS, drawn);
    assertThat(equal).isEqualTo(loss(Positives.EQUAL_CAPTIONS, plain));
    assertThat(Math.abs(equal - loss(Positives.OWN_CAPTION, drawn))).isGreaterThan(0.1);
  }

  private String table(CharSequence rows) throws IOException {
    Path table = Files.writeString(home.resolve("t.csv"), rows);
    return "{ type: csv, path: %s, columns: { image: image, caption: caption } }".formatted(table);
  }

  private Batch batch(String train, String templates) throws IOException {
    String yaml =
        "train: %s\nimage: { size: 4 px }\ntext: { length: 16, templates: %s }\n"
            .formatted(train, templates);
    DataSettings settings =
        Binder.bind(
            RecipeFile.parse(Path.of("data.yaml"), yaml, List.of(), Map.of()), DataSettings.class);
    DataSets data = DataSets.open(settings, ClipTokenizer.load());
    Path list = home.resolve("bad-rows.jsonl");
    try (BatchLoader batches = data.trainingBatches(KEY, new BatchSettings(SIZE), 0, list)) {
      return batches.next().copy();
    }
  }

  /// The loss of features by which each image is found by its own caption.
  private static double loss(Positives positives, Batch batch) {
    var settings = new LossSettings.Contrastive(0, positives, Optional.empty());
    var scale = new ParameterSet.Spec(Clip.LOGIT_SCALE, new long[0], true, true);
    try (ClipInputs inputs = new ClipInputs(ClipCase.ENGINE, DType.FLOAT32, Normalisation.OPENAI);
        ParameterSet set = ParameterSet.allocate(ClipCase.ENGINE, List.of(scale), DType.FLOAT32);
        Scope scope = new Scope();
        Tape tape = new Tape(ClipCase.ENGINE)) {
      set.assign(scale.name(), scope.own(ClipCase.ENGINE.of(new float[] {2})));
      PairLoss loss = new PairLoss(settings);
      Value image = tape.leaf(scope.own(features(1)));
      Value text = tape.leaf(scope.own(features(1)));
      List<Value> beside = loss.beside(ClipCase.ENGINE, tape, inputs.rows(batch), SIZE);
      return loss.of(tape, List.copyOf(set.all()), image, text, beside).data().toFloat();
    }
  }

  private static Tensor features(long seed) {
    RandomStream random = new RandomKey(seed).stream(RandomKey.Purpose.AUGMENTATION, 0, 0);
    float[] values = new float[SIZE * EMBEDDING];
    for (int row = 0; row < SIZE; row++) {
      double square = 0;
      for (int i = row * EMBEDDING; i < (row + 1) * EMBEDDING; i++) {
        values[i] = (float) random.nextGaussian();
        square += values[i] * values[i];
      }
      for (int i = row * EMBEDDING; i < (row + 1) * EMBEDDING; i++) {
        values[i] /= (float) Math.sqrt(square);
      }
    }
    return ClipCase.ENGINE.of(values, SIZE, EMBEDDING);
  }
}
