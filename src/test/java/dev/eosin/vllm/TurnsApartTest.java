package dev.eosin.vllm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.order.OverLength;
import dev.eosin.data.settings.RowLayoutSettings;
import dev.eosin.image.RgbImage;
import dev.eosin.language.rows.RowPlan;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/// Turns of a conversation that are learned apart.
class TurnsApartTest {
  private static final List<Sample> TALKS =
      List.of(
          ConversationCases.sample(
              "plain",
              ConversationCases.talk("What?", "A gland.", "Benign?", "Yes.", "Really?", "No."),
              ConversationCases.picture(40, 30, 1)),
          ConversationCases.sample(
              "none", ConversationCases.talk("Say yes.", "Yes.", "Say no.", "No.")),
          ConversationCases.sample(
              "marked",
              ConversationCases.talk("<image>\nThis?", "Benign.", "And now?", "Malignant."),
              ConversationCases.picture(9, 70, 3)),
          ConversationCases.sample(
              "single",
              ConversationCases.talk("What is it?", "Mucosa."),
              ConversationCases.picture(64, 64, 4)));

  private static List<Sample> asked(List<Sample> talks) {
    List<Sample> alone = new ArrayList<>();
    for (Sample sample : talks) {
      List<Turn> turns = ((SampleContent.Conversation) sample.content()).turns();
      for (int i = 0; i < turns.size(); i += 2) {
        String question = turns.get(i).text().replace("<image>\n", "");
        var content = ConversationCases.talk(question, turns.get(i + 1).text());
        alone.add(
            new Sample(
                sample.key() + i, sample.images(), content, Optional.empty(), Optional.empty()));
      }
    }
    return alone;
  }

  /// What turns apart are for: the loss and the gradients of single questions, from fewer ids.
  @Test
  void turnsApartLearnWhatSingleQuestionsLearn() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(ConversationCases.CASE);
    try (LanguageTokenizer tokenizer =
            LanguageTokenizer.open(ConversationCases.CASE.file("tokenizer.json"));
        ParameterSet parameters = ConversationCases.parameters(model)) {
      int id = tokenizer.id(ConversationRows.MARK).orElseThrow();
      Batch apart =
          ConversationCases.batch(
              ConversationCases.rows(model, tokenizer, Optional.empty(), Turns.APART), TALKS);
      Batch single =
          ConversationCases.batch(
              ConversationCases.rows(model, tokenizer, Optional.empty()), asked(TALKS));
      assertThat(single.size()).isEqualTo(8);
      assertThat(Arrays.stream(apart.tokens("text").lengths()).sum())
          .isLessThan(Arrays.stream(single.tokens("text").lengths()).sum());
      Map<String, float[]> expected = new HashMap<>();
      double loss =
          ConversationCases.gradients(model, parameters, single, id, RowPlan.padded(8), expected);
      for (int rows = 1; rows <= TALKS.size(); rows++) {
        Map<String, float[]> found = new HashMap<>();
        double sum =
            ConversationCases.gradients(model, parameters, apart, id, RowPlan.padded(rows), found);
        assertThat(sum).isCloseTo(loss, within(1e-5));
        LlavaTrainParityTest.assertSame(found, expected);
      }
    }
  }

  @Test
  void turnsThatCannotBeApartAreNamed() throws IOException {
    VisionLanguage model = RecordedVisionLanguage.described(ConversationCases.CASE);
    try (LanguageTokenizer tokenizer =
        LanguageTokenizer.open(ConversationCases.CASE.file("tokenizer.json"))) {
      ConversationRows rows =
          ConversationCases.rows(model, tokenizer, Optional.empty(), Turns.APART);
      RgbImage image = ConversationCases.picture(8, 8, 1);
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample(
              "a", ConversationCases.talk("This?\n<image>", "No.", "?", "Yes."), image),
          "a: an image stands behind words");
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample(
              "b", ConversationCases.talk("?", "No.", "And <image>?", "Yes."), image),
          "b: message 3 has an image; turns apart");
      ConversationCases.assertBad(
          rows,
          ConversationCases.sample("c", ConversationCases.talk("?", "No.", "And?"), image),
          "c: message 3 has no answer");
      List<Turn> answered = List.of(new Turn(false, "Yes."), new Turn(true, "?"));
      Sample turned =
          ConversationCases.sample("d", new SampleContent.Conversation(answered), image);
      ConversationCases.assertBad(
          rows, turned, "d: message 1 is the assistant's where the user's is due");
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
    VisionLanguage model = RecordedVisionLanguage.described(ConversationCases.CASE);
    try (LanguageTokenizer tokenizer =
        LanguageTokenizer.open(ConversationCases.CASE.file("tokenizer.json"))) {
      ConversationRows rows =
          ConversationCases.rows(model, tokenizer, Optional.empty(), Turns.APART);
      int[] whole = ConversationCases.batch(rows, TALKS).tokens("turns").ids();
      int kept = whole[0] + whole[1] + 2;
      var slots = new ImageSlots(rows.slots().id(), rows.slots().tokens(), kept, OverLength.CUT);
      var shorter =
          new ConversationRows(
              rows.transform(), rows.grid(), rows.encoder(), slots, 0, 2, false, Turns.APART);
      Batch cut = ConversationCases.batch(shorter, TALKS.subList(0, 1));
      assertThat(shorter.read(cut, 1).getFirst())
          .contains("<image> x %d\\n | ".formatted(model.tokensOfImage()), ">>A gland", " | Ben");
      assertThat(cut.tokens("text").lengths()[0]).isEqualTo(kept);
      assertThat(Arrays.copyOf(cut.tokens("turns").ids(), cut.tokens("turns").lengths()[0]))
          .containsExactly(whole[0], whole[1], 2);
    }
  }
}
