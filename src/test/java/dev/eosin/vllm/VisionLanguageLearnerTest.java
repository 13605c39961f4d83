package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import dev.eosin.data.Batch;
import dev.eosin.data.BatchImages;
import dev.eosin.data.Caption;
import dev.eosin.data.OverLength;
import dev.eosin.data.Preparation.Prepared;
import dev.eosin.data.RowLayoutSettings;
import dev.eosin.data.RowShape;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.TokenRow;
import dev.eosin.data.Tokens;
import dev.eosin.image.Normalisation;
import dev.eosin.image.Raster;
import dev.eosin.image.RgbImage;
import dev.eosin.image.TileGrid;
import dev.eosin.image.TileTransform;
import dev.eosin.language.RowPlan;
import dev.eosin.language.chat.BuiltInTemplate;
import dev.eosin.language.chat.ChatEncoder;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Samples through rows and batches into losses and gradients, for a projector and a connector.
class VisionLanguageLearnerTest {
  private static final ParityCase CASE = ParityCase.open("llava-train");
  private static final int LENGTH = 120;

  /// Every image is squashed.
  private record Squash(int height, int width) implements TileTransform {
    @Override
    public RgbImage apply(Raster image, RandomStream random) {
      return new TileGrid(width, List.of(new TileGrid.Grid(1, 1))).squashed(image.toRgb());
    }
  }

  private static RgbImage picture(int width, int height, int seed) {
    byte[] pixels = new byte[3 * width * height];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) ((i * 31 + seed * 57) ^ (i >> 3));
    }
    return new RgbImage(width, height, pixels);
  }

  private static Sample sample(String key, SampleContent content, RgbImage... images) {
    List<Sample.ImageReader> readers = new ArrayList<>();
    for (RgbImage image : images) {
      readers.add(() -> image);
    }
    return new Sample(key, readers, content, Optional.empty(), Optional.empty());
  }

  private static SampleContent talk(String... turns) {
    List<Turn> said = new ArrayList<>();
    for (int i = 0; i < turns.length; i++) {
      said.add(new Turn(i % 2 == 0, turns[i]));
    }
    return new SampleContent.Conversation(said);
  }

  private static final List<Sample> SAMPLES =
      List.of(
          sample("one", talk("What is shown?", "A gland."), picture(40, 30, 1)),
          sample("none", talk("Say yes.", "Yes.")),
          sample(
              "two",
              talk("<image>\nThis?", "Benign.", "And <image>?", "Malignant."),
              picture(100, 20, 2),
              picture(9, 70, 3)),
          sample(
              "caption",
              new SampleContent.Captions(List.of(new Caption("Normal mucosa.", 1))),
              picture(64, 64, 4)));

  private static ChatEncoder encoder(LanguageTokenizer tokenizer) throws DataException {
    return ChatEncoder.of(
        tokenizer,
        new BuiltInTemplate(BuiltInTemplate.Style.V1, "</s>"),
        OptionalInt.of(tokenizer.id("<s>").orElseThrow()),
        Set.of(ConversationRows.MARK));
  }

  private static ConversationRows rows(
      VisionLanguage model, LanguageTokenizer tokenizer, Optional<TileGrid> grid)
      throws DataException {
    return rows(model, tokenizer, grid, Turns.TOGETHER);
  }

  private static ConversationRows rows(
      VisionLanguage model, LanguageTokenizer tokenizer, Optional<TileGrid> grid, Turns turns)
      throws DataException {
    int id = tokenizer.id(ConversationRows.MARK).orElseThrow();
    var slots = new ImageSlots(id, model.tokensOfImage(), LENGTH, OverLength.REFUSE);
    int side = model.images().tower().spec().width();
    return new ConversationRows(
        new Squash(side, side), grid, encoder(tokenizer), slots, 0, 2, false, turns);
  }

  private static Batch batch(ConversationRows rows) throws IOException {
    return batch(rows, SAMPLES);
  }

  private static Batch batch(ConversationRows rows, List<Sample> samples) throws IOException {
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

  private static ParameterSet parameters(VisionLanguage model) {
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

  private static double gradients(
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
      double loss =
          learner
              .differentiate(batch, weight, 1, value -> {}, LlavaTrainParityTest.adding(sums))
              .total();
      assertThat(learner.measure(batch)).isCloseTo(loss, within(1e-5));
      assertThat(learner.range(batch).chance()).isGreaterThan(0);
      return loss;
    }
  }

  /// Some rows at once, filled up; all in one row, and in rows of at most 130, 60 and 1 ids.
  private static final List<RowPlan> PLANS =
      List.of(
          RowPlan.padded(1),
          RowPlan.padded(3),
          new RowPlan(true, 4L * LENGTH),
          new RowPlan(true, 130),
          new RowPlan(true, 60),
          new RowPlan(true, 1));

  private static void assertPartsAddUp(VisionLanguage model, Optional<TileGrid> grid)
      throws IOException {
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(CASE.file("tokenizer.json"));
        ParameterSet parameters = parameters(model)) {
      int id = tokenizer.id(ConversationRows.MARK).orElseThrow();
      Batch batch = batch(rows(model, tokenizer, grid));
      Map<String, float[]> whole = new HashMap<>();
      double loss = gradients(model, parameters, batch, id, RowPlan.padded(SAMPLES.size()), whole);
      assertThat(whole.keySet())
          .containsExactlyInAnyOrderElementsOf(
              model.projector().weights().stream().map(Weight::name).toList());
      for (RowPlan plan : PLANS) {
        Map<String, float[]> parts = new HashMap<>();
        double sum = gradients(model, parameters, batch, id, plan, parts);
        assertThat(sum).isCloseTo(loss, within(1e-5));
        LlavaTrainParityTest.assertSame(parts, whole);
      }
    }
  }

  @Test
  void partsOfABatchAddUpWithAProjector() throws IOException {
    assertPartsAddUp(RecordedVisionLanguage.described(CASE), Optional.empty());
  }

  @Test
  void partsOfABatchAddUpWithAConnector() throws IOException {
    VisionLanguage projecting = RecordedVisionLanguage.described(CASE);
    int width = projecting.images().width();
    var connector =
        new TileConnector("projector", width, 2, 4, 2 * width, projecting.decoder().spec().width());
    var model = new VisionLanguage(projecting.images(), connector, projecting.decoder());
    int side = model.images().tower().spec().width();
    assertPartsAddUp(model, Optional.of(TileGrid.paLlava(side)));
  }

  private static final List<Sample> TALKS =
      List.of(
          sample("plain", talk("What?", "A gland.", "Benign?", "Yes.", "Really?", "No."), picture(40, 30, 1)),
          sample("none", talk("Say yes.", "Yes.", "Say no.", "No.")),
          sample("marked", talk("<image>\nThis?", "Benign.", "And now?", "Malignant."), picture(9, 70, 3)),
          sample("single", talk("What is it?", "Mucosa."), picture(64, 64, 4)));

  private static List<Sample> asked(List<Sample> talks) {
    List<Sample> alone = new ArrayList<>();
    for (Sample sample : talks) {
      List<Turn> turns = ((SampleContent.Conversation) sample.content()).turns();
      for (int i = 0; i < turns.size(); i += 2) {
        String question = turns.get(i).text().replace("<image>\n", "");
        var content = talk(question, turns.get(i + 1).text());
        alone.add(new Sample(sample.key() + i, sample.images(), content, Optional.empty(), Optional.empty()));
      }
    }
    return alone;
  }

  /// What turns apart are for: the loss and the gradients of single questions, from fewer ids.
  @Test
  void turnsApartLearnWhatSingleQuestionsLearn() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(CASE);
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(CASE.file("tokenizer.json"));
        ParameterSet parameters = parameters(model)) {
      int id = tokenizer.id(ConversationRows.MARK).orElseThrow();
      Batch apart = batch(rows(model, tokenizer, Optional.empty(), Turns.APART), TALKS);
      Batch single = batch(rows(model, tokenizer, Optional.empty()), asked(TALKS));
      assertThat(single.size()).isEqualTo(8);
      assertThat(Arrays.stream(apart.tokens("text").lengths()).sum())
          .isLessThan(Arrays.stream(single.tokens("text").lengths()).sum());
      Map<String, float[]> expected = new HashMap<>();
      double loss = gradients(model, parameters, single, id, RowPlan.padded(8), expected);
      for (int rows = 1; rows <= TALKS.size(); rows++) {
        Map<String, float[]> found = new HashMap<>();
        double sum = gradients(model, parameters, apart, id, RowPlan.padded(rows), found);
        assertThat(sum).isCloseTo(loss, within(1e-5));
        LlavaTrainParityTest.assertSame(found, expected);
      }
    }
  }

  @Test
  void turnsThatCannotBeApartAreNamed() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(CASE);
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(CASE.file("tokenizer.json"))) {
      ConversationRows rows = rows(model, tokenizer, Optional.empty(), Turns.APART);
      RgbImage image = picture(8, 8, 1);
      assertBad(rows, sample("a", talk("This?\n<image>", "No.", "?", "Yes."), image), "a: an image stands behind words");
      assertBad(rows, sample("b", talk("?", "No.", "And <image>?", "Yes."), image), "b: message 3 has an image; turns apart");
      assertBad(rows, sample("c", talk("?", "No.", "And?"), image), "c: message 3 has no answer");
      List<Turn> answered = List.of(new Turn(false, "Yes."), new Turn(true, "?"));
      Sample turned = sample("d", new SampleContent.Conversation(answered), image);
      assertBad(rows, turned, "d: message 1 is the assistant's where the user's is due");
    }
  }

  @Test
  void packedRowsCannotHaveTurnsApart() {
    assertThatThrownBy(
            () ->
                new ConversationSettings(
                    9, OverLength.CUT, RowLayoutSettings.PACKED, Turns.APART, ImageGeometry.PAD, 1))
        .hasMessageStartingWith("turns: apart cannot be had with rows packed");
  }

  /// Rows that are too long lose their last texts, images never.
  @Test
  void longRowsOfTurnsApartAreCutBehindTheImages() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(CASE);
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(CASE.file("tokenizer.json"))) {
      ConversationRows rows = rows(model, tokenizer, Optional.empty(), Turns.APART);
      int[] whole = batch(rows, TALKS).tokens("turns").ids();
      int kept = whole[0] + whole[1] + 2;
      var slots = new ImageSlots(rows.slots().id(), rows.slots().tokens(), kept, OverLength.CUT);
      var shorter =
          new ConversationRows(
              rows.transform(), rows.grid(), rows.encoder(), slots, 0, 2, false, Turns.APART);
      Batch cut = batch(shorter, TALKS.subList(0, 1));
      assertThat(shorter.read(cut, 1).getFirst())
          .contains("<image> x %d\\n | ".formatted(model.tokensOfImage()), ">>A gland", " | Ben");
      assertThat(cut.tokens("text").lengths()[0]).isEqualTo(kept);
      assertThat(Arrays.copyOf(cut.tokens("turns").ids(), cut.tokens("turns").lengths()[0]))
          .containsExactly(whole[0], whole[1], 2);
    }
  }

  @Test
  void samplesThatCannotBeRowsAreNamed() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(CASE);
    try (LanguageTokenizer tokenizer = LanguageTokenizer.open(CASE.file("tokenizer.json"))) {
      ConversationRows rows = rows(model, tokenizer, Optional.empty());
      RgbImage image = picture(8, 8, 1);
      assertBad(rows, sample("a", talk("<image> <image>?", "No."), image), "a: 2 image marks for");
      assertBad(rows, sample("b", talk("Is <image> there?", "No.")), "b: 1 image marks for 0");
      assertBad(rows, sample("c", talk("?", "!"), image, image, image), "c: has 3 images");
      assertBad(rows, sample("d", new SampleContent.Document("words")), "d: is text alone");
      assertBad(rows, sample("e", talk("?", "a b c d ".repeat(60)), image), "e: has ");
      assertBad(rows, sample("g", talk("?", " "), image), "g: the answer is empty");
      assertBad(rows, sample("h", talk("?", "", "?", " "), image), "h: all 2 answers are empty");
      List<Turn> answered = List.of(new Turn(false, "Yes."), new Turn(true, "?"));
      Sample turned = sample("i", new SampleContent.Conversation(answered), image);
      assertBad(rows, turned, "i: message 1 is the assistant's where the user's is due");
      Sample empty = sample("f", new SampleContent.Captions(List.of()), image);
      assertBad(rows, empty, "f: there is no caption");
    }
  }

  private static void assertBad(ConversationRows rows, Sample sample, String message) {
    assertThatThrownBy(() -> rows.evaluation(sample, 0))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(message);
  }
}
