package dev.eosin.language.rows;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.order.OverLength;
import dev.eosin.data.order.Preparation;
import dev.eosin.data.order.TokenRow;
import dev.eosin.data.settings.RowLayoutSettings;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.language.stored.Base;
import dev.eosin.language.stored.DecoderSettings;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TextRowsTest {
  private static final DialogueFormat DIALOGUE = new DialogueFormat("Q: {text} A:", " {text}");

  @TempDir private Path home;
  private LanguageTokenizer tokenizer;
  private SpecialIds ids;

  @BeforeEach
  void open() throws IOException {
    Path model = TinyLanguage.llama(home.resolve("model"), Optional.empty());
    tokenizer = LanguageTokenizer.open(model);
    ids = LanguageFolder.open(model).config().ids();
  }

  @AfterEach
  void close() {
    tokenizer.close();
  }

  private TextRows rows(int length) {
    return new TextRows(
        tokenizer,
        ids,
        new TextRowSettings(length, OverLength.CUT, RowLayoutSettings.PADDED, DIALOGUE));
  }

  private static Sample sample(SampleContent content) {
    return new Sample("row 9", List.of(), content, Optional.empty(), Optional.empty());
  }

  private static SampleContent question(String text, String answer) {
    return new SampleContent.QuestionAnswer(text, answer, Kind.OPEN, List.of(), Optional.empty());
  }

  /// What a model is asked later is what it read before the answer.
  @Test
  void aPromptIsTheBeginningOfItsTrainingRow() throws IOException {
    TextRows rows = rows(60);
    Preparation.Prepared row = rows.evaluation(sample(question("is it dark?", "yes")), 0);
    TokenRow learned = Objects.requireNonNull(row.tokens().get(LanguageLearner.TEXT));
    int[] asked = rows.prompt("is it dark?");
    int[] answer = rows.answer("yes");
    assertThat(Arrays.copyOf(learned.ids(), asked.length)).isEqualTo(asked);
    assertThat(Arrays.copyOfRange(learned.ids(), asked.length, learned.ids().length - 1))
        .isEqualTo(answer);
    assertThat(FolderPrompts.trained(tokenizer, ids, DIALOGUE).prompt("is it dark?"))
        .isEqualTo(asked);
    boolean[] supervised = learned.supervised().orElseThrow();
    for (int i = 0; i < supervised.length; i++) {
      assertThat(supervised[i]).as("id %d", i).isEqualTo(i >= asked.length);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "  ", "\n"})
  void anEmptyAnswerIsABadRow(String answer) {
    TextRows rows = rows(60);
    var conversation =
        new SampleContent.Conversation(
            List.of(new SampleContent.Turn(true, "why?"), new SampleContent.Turn(false, answer)));
    for (SampleContent content : List.of(question("why?", answer), conversation)) {
      assertThatThrownBy(() -> rows.evaluation(sample(content), 0))
          .isInstanceOf(DataException.class)
          .hasMessage("row 9: an answer is empty");
    }
  }

  @Test
  void aQuestionThatFillsTheRowAloneIsABadRow() {
    assertThatThrownBy(() -> rows(8).evaluation(sample(question("what is this, then?", "yes")), 0))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("row 9: none of its first 8 ids")
        .hasMessageContaining("what precedes the answer fills the row alone; raise text.length");
  }

  /// A recipe that trains another's model is stopped by the tokenizer, too.
  @Test
  void aTokenizerOfAnotherModelIsRefusedInTraining() throws IOException {
    Path config = home.resolve("model").resolve("config.json");
    Files.writeString(
        config, Files.readString(config).replace("\"eos_token_id\" : 2", "\"eos_token_id\" : 7"));
    var settings = new DecoderSettings.Folder(home.resolve("model"), Optional.empty(), Base.MAPPED);
    assertThatThrownBy(settings::open)
        .isInstanceOf(DataException.class)
        .hasMessageContaining(
            "eos_token is '</s>' (id 2), but " + config + " has eos_token_id [7]");
  }
}
