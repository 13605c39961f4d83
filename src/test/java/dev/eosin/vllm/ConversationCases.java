package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.data.batches.Tokens;
import dev.eosin.data.order.OverLength;
import dev.eosin.data.order.Preparation.Prepared;
import dev.eosin.data.order.RowShape;
import dev.eosin.data.order.TokenRow;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.image.transforms.TileGrid;
import dev.eosin.image.transforms.TileTransform;
import dev.eosin.language.chat.BuiltInTemplate;
import dev.eosin.language.chat.ChatEncoder;
import dev.eosin.language.rows.RowPlan;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.InitialValue;
import dev.eosin.nn.Weight;
import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.text.EncodedCaption.Fit;
import dev.eosin.text.LanguageTokenizer;
import dev.eosin.tower.PixelInputs;
import dev.eosin.train.StepLosses;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/// Samples of images and talks as batches of the recorded model, and its gradients.
final class ConversationCases {
  private ConversationCases() {}

  static final ParityCase CASE = ParityCase.open("llava-train");
  static final int LENGTH = 120;

  /// Every image is squashed.
  private record Squash(int height, int width) implements TileTransform {
    @Override
    public RgbImage apply(Raster image, RandomStream random) {
      return new TileGrid(width, List.of(new TileGrid.Grid(1, 1))).squashed(image.toRgb());
    }
  }

  static RgbImage picture(int width, int height, int seed) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) ((i * 31 + seed * 57) ^ (i >> 3));
    }
    return new RgbImage(width, height, pixels);
  }

  static Sample sample(String key, SampleContent content, RgbImage... images) {
    List<Sample.ImageReader> readers = new ArrayList<>();
    for (RgbImage image : images) {
      readers.add(() -> image);
    }
    return new Sample(key, readers, content, Optional.empty(), Optional.empty());
  }

  static SampleContent talk(String... turns) {
    List<Turn> said = new ArrayList<>();
    for (int i = 0; i < turns.length; i++) {
      said.add(new Turn(i % 2 == 0, turns[i]));
    }
    return new SampleContent.Conversation(said);
  }

  static ChatEncoder encoder(LanguageTokenizer tokenizer) throws DataException {
    return ChatEncoder.of(
        tokenizer,
        new BuiltInTemplate(BuiltInTemplate.Style.V1, "</s>"),
        OptionalInt.of(tokenizer.id("<s>").orElseThrow()),
        Set.of(ConversationRows.MARK));
  }

  static ConversationRows rows(
      VisionLanguage model, LanguageTokenizer tokenizer, Optional<TileGrid> grid)
      throws DataException {
    return rows(model, tokenizer, grid, Turns.TOGETHER);
  }

  static ConversationRows rows(
      VisionLanguage model, LanguageTokenizer tokenizer, Optional<TileGrid> grid, Turns turns)
      throws DataException {
    int id = tokenizer.id(ConversationRows.MARK).orElseThrow();
    var slots = new ImageSlots(id, model.tokensOfImage(), LENGTH, OverLength.REFUSE);
    int side = model.images().tower().spec().width();
    return new ConversationRows(
        new Squash(side, side), grid, encoder(tokenizer), slots, 0, 2, false, turns);
  }

  static Batch batch(ConversationRows rows, List<Sample> samples) throws IOException {
    RowShape shape = rows.shape();
    int each = 3 * shape.height() * shape.width();
    List<Batch.Row> told = new ArrayList<>();
    List<byte[]> pictures = new ArrayList<>();
    List<Integer> owners = new ArrayList<>();
    Map<String, Tokens> tokens = new HashMap<>();
    shape
        .tokens()
        .forEach(
            (name, sequence) ->
                tokens.put(
                    name,
                    new Tokens(
                        new int[samples.size() * sequence.length()],
                        sequence.length(),
                        new int[samples.size()],
                        new boolean[samples.size() * sequence.length()])));
    for (int row = 0; row < samples.size(); row++) {
      Prepared prepared = rows.evaluation(samples.get(row), row);
      for (RgbImage image : prepared.images()) {
        byte[] planes = new byte[each];
        image.writePlanar(planes, 0);
        pictures.add(planes);
        owners.add(row);
      }
      for (Map.Entry<String, TokenRow> sequence : prepared.tokens().entrySet()) {
        Tokens all = Objects.requireNonNull(tokens.get(sequence.getKey()));
        int[] ids = sequence.getValue().ids();
        System.arraycopy(ids, 0, all.ids(), row * all.width(), ids.length);
        all.lengths()[row] = ids.length;
        boolean[] asked = sequence.getValue().supervised().orElse(new boolean[ids.length]);
        System.arraycopy(asked, 0, all.supervised(), row * all.width(), ids.length);
      }
      String key = samples.get(row).key();
      told.add(
          new Batch.Row(row, key, prepared.text(), Fit.WHOLE, Optional.empty(), List.of(), row));
    }
    byte[] pixels = new byte[pictures.size() * each];
    for (int i = 0; i < pictures.size(); i++) {
      System.arraycopy(pictures.get(i), 0, pixels, i * each, each);
    }
    int[] owner = owners.stream().mapToInt(Integer::intValue).toArray();
    var images = new BatchImages(pixels, shape.height(), shape.width(), owner);
    return new Batch(0, told, images, tokens, List.of(), 0);
  }

  static ParameterSet parameters(VisionLanguage model) {
    var engine = RecordedVisionLanguage.ENGINE;
    ParameterSet parameters =
        ParameterSet.allocate(
            engine,
            model.weights().stream()
                .map(weight -> weight.spec(weight.name().startsWith("projector.")))
                .toList(),
            DType.FLOAT32);
    RandomStream random = new RandomKey(7).stream(RandomKey.Purpose.INITIALISATION, 0, 0);
    for (Weight weight : model.weights()) {
      int elements = 1;
      for (long size : weight.shape()) {
        elements *= Math.toIntExact(size);
      }
      float[] values = new float[elements];
      for (int i = 0; i < elements; i++) {
        values[i] =
            switch (weight.initial()) {
              case InitialValue.Constant(float value) -> value;
              case InitialValue.Uniform(double bound) ->
                  (float) (bound * (2 * random.nextDouble() - 1));
              case InitialValue.Normal(double deviation) ->
                  (float) (deviation * (4 * random.nextDouble() - 2));
            };
      }
      try (Tensor tensor = engine.of(values, weight.shape())) {
        parameters.assign(weight.name(), tensor);
      }
    }
    return parameters;
  }

  static double gradients(
      VisionLanguage model,
      ParameterSet parameters,
      Batch batch,
      int imageId,
      RowPlan plan,
      Map<String, float[]> sums) {
    var input =
        new ImageInput.Pixels(
            new PixelInputs(parameters.engine(), DType.FLOAT32, Normalisation.OPENAI));
    var learner =
        new VisionLanguageLearner(
            model,
            parameters,
            DType.FLOAT32,
            new BlockExecution(false, true, 0),
            new RandomKey(1),
            plan,
            input,
            imageId);
    try (input) {
      double weight = learner.weight(batch);
      assertThat(weight).isPositive();
      var losses = new StepLosses();
      learner.differentiate(batch, weight, 1, losses, LlavaTrainParityTest.adding(sums));
      double loss = losses.sum().total();
      assertThat(learner.measure(batch)).isCloseTo(loss, within(1e-5));
      assertThat(learner.range(batch).chance()).isGreaterThan(0);
      return loss;
    }
  }

  static void assertBad(ConversationRows rows, Sample sample, String message) {
    assertThatThrownBy(() -> rows.evaluation(sample, 0))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(message);
  }
}
