package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.batches.Batch;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.TileGrid;
import dev.eosin.language.rows.RowPlan;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Samples through rows and batches into losses and gradients, for a projector and a connector.
class VisionLanguageLearnerTest {
  private static final List<Sample> SAMPLES =
      List.of(
          ConversationCases.sample(
              "one",
              ConversationCases.talk("What is shown?", "A gland."),
              ConversationCases.picture(40, 30, 1)),
          ConversationCases.sample("none", ConversationCases.talk("Say yes.", "Yes.")),
          ConversationCases.sample(
              "two",
              ConversationCases.talk("<image>\nThis?", "Benign.", "And <image>?", "Malignant."),
              ConversationCases.picture(100, 20, 2),
              ConversationCases.picture(9, 70, 3)),
          ConversationCases.sample(
              "caption",
              new SampleContent.Captions(List.of(new Caption("Normal mucosa.", 1))),
              ConversationCases.picture(64, 64, 4)));

  /// Some rows at once, filled up; all in one row, and in rows of at most 130, 60 and 1 ids.
  private static final List<RowPlan> PLANS =
      List.of(
          RowPlan.padded(1),
          RowPlan.padded(3),
          new RowPlan(true, 4L * ConversationCases.LENGTH),
          new RowPlan(true, 130),
          new RowPlan(true, 60),
          new RowPlan(true, 1));

  private static void assertPartsAddUp(VisionLanguage model, Optional<TileGrid> grid)
      throws IOException {
    try (LanguageTokenizer tokenizer =
            LanguageTokenizer.open(ConversationCases.CASE.file("tokenizer.json"));
        ParameterSet parameters = ConversationCases.parameters(model)) {
      int id = tokenizer.id(ConversationRows.MARK).orElseThrow();
      Batch batch =
          ConversationCases.batch(ConversationCases.rows(model, tokenizer, grid), SAMPLES);
      Map<String, float[]> whole = new HashMap<>();
      double loss =
          ConversationCases.gradients(
              model, parameters, batch, id, RowPlan.padded(SAMPLES.size()), whole);
      assertThat(whole.keySet())
          .containsExactlyInAnyOrderElementsOf(
              model.projector().weights().stream().map(Weight::name).toList());
      for (RowPlan plan : PLANS) {
        Map<String, float[]> parts = new HashMap<>();
        double sum = ConversationCases.gradients(model, parameters, batch, id, plan, parts);
        assertThat(sum).isCloseTo(loss, within(1e-5));
        LlavaTrainParityTest.assertSame(parts, whole);
      }
    }
  }

  @Test
  void partsOfABatchAddUpWithAProjector() throws IOException {
    assertPartsAddUp(RecordedVisionLanguage.described(ConversationCases.CASE), Optional.empty());
  }

  @Test
  void partsOfABatchAddUpWithAConnector() throws IOException {
    VisionLanguage projecting = RecordedVisionLanguage.described(ConversationCases.CASE);
    int width = projecting.images().width();
    var connector =
        new TileConnector("projector", width, 2, 4, 2 * width, projecting.decoder().spec().width());
    var model = new VisionLanguage(projecting.images(), connector, projecting.decoder());
    int side = model.images().tower().spec().width();
    assertPartsAddUp(model, Optional.of(TileGrid.paLlava(side)));
  }

  @Test
  void samplesThatCannotBeRowsAreNamed() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(ConversationCases.CASE);
    try (LanguageTokenizer tokenizer =
        LanguageTokenizer.open(ConversationCases.CASE.file("tokenizer.json"))) {
      ConversationRows rows = ConversationCases.rows(model, tokenizer, Optional.empty());
      RgbImage image = ConversationCases.picture(8, 8, 1);
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample("a", ConversationCases.talk("<image> <image>?", "No."), image),
          "a: 2 image marks for");
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample("b", ConversationCases.talk("Is <image> there?", "No.")),
          "b: 1 image marks for 0");
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample("c", ConversationCases.talk("?", "!"), image, image, image),
          "c: has 3 images");
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample("d", new SampleContent.Document("words")),
          "d: is text alone");
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample("e", ConversationCases.talk("?", "a b c d ".repeat(60)), image),
          "e: has ");
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample("g", ConversationCases.talk("?", " "), image),
          "g: the answer is empty");
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample("h", ConversationCases.talk("?", "", "?", " "), image),
          "h: all 2 answers are empty");
      List<Turn> answered = List.of(new Turn(false, "Yes."), new Turn(true, "?"));
      Sample turned =
          ConversationCases.sample("i", new SampleContent.Conversation(answered), image);
      ConversationCases.assertBad(
          rows, turned, "i: message 1 is the assistant's where the user's is due");
      Sample empty = ConversationCases.sample("f", new SampleContent.Captions(List.of()), image);
      ConversationCases.assertBad(rows, empty, "f: there is no caption");
    }
  }
}
