package dev.eosin.qformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Pixels;
import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.order.Preparation.Prepared;
import dev.eosin.data.order.TokenRow;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.ImageSettings;
import dev.eosin.image.transforms.InputSize;
import dev.eosin.language.TinyLanguage;
import dev.eosin.language.spec.SpecialIds;
import dev.eosin.language.stored.LanguageFolder;
import dev.eosin.text.EncodedCaption.Fit;
import dev.eosin.text.HuggingFaceClipTokenizer;
import dev.eosin.text.LanguageTokenizer;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstructRowsTest {
  private static final InstructTextSettings PLAIN =
      settings(InstructTextSettings.CleanUp.NONE, "{text}", 32, 8, 16);
  @TempDir private static Path home;
  private static LanguageTokenizer language;
  private static HuggingFaceClipTokenizer words;
  private static SpecialIds ids;

  @BeforeAll
  static void open() throws IOException {
    Path folder = TinyLanguage.llama(home.resolve("llama"), Optional.empty());
    language = LanguageTokenizer.open(folder);
    words = HuggingFaceClipTokenizer.open(folder);
    ids = LanguageFolder.open(folder).config().ids();
  }

  @AfterAll
  static void close() {
    language.close();
    words.close();
  }

  private static InstructTextSettings settings(
      InstructTextSettings.CleanUp cleanUp, String prompt, int most, int answer, int qformer) {
    return new InstructTextSettings(
        cleanUp,
        "{text}",
        "please only answer yes or no. {text}",
        List.of("Describe it.", "Say what is there."),
        prompt,
        " {text}",
        Optional.empty(),
        most,
        answer,
        Optional.empty(),
        qformer);
  }

  private static InstructRows rows(InstructTextSettings settings) throws IOException {
    return rows(settings, false);
  }

  private static InstructRows rows(InstructTextSettings settings, boolean encoder)
      throws IOException {
    var image = ImageSettings.openClip(new InputSize(new Pixels(8), new Pixels(8)));
    var text = InstructText.of(settings, language, ids, encoder, Optional.of(words));
    return new InstructRows(image.transforms().evaluation(), text);
  }

  private static Sample sample(SampleContent content) {
    return new Sample(
        "tile/7",
        List.of(() -> new RgbImage(8, 8, new byte[3 * 64])),
        content,
        Optional.empty(),
        Optional.empty());
  }

  private static Sample asked(String question, Kind kind, String answer, String... options) {
    return sample(new QuestionAnswer(question, answer, kind, List.of(options), Optional.empty()));
  }

  private static TokenRow row(Prepared prepared, String name) {
    return Objects.requireNonNull(prepared.tokens().get(name));
  }

  private static String decoded(Prepared prepared, String name) {
    return language.decode(row(prepared, name).ids(), false);
  }

  @Test
  void bothModelsReadTheInstructionAndTheAnswerAloneIsSupervised() throws IOException {
    InstructTextSettings settings =
        settings(InstructTextSettings.CleanUp.NONE, "You are a pathologist. {text}", 99, 8, 99);
    Prepared closed = rows(settings).evaluation(asked("is it dark?", Kind.CLOSED, "no"), 0);
    String instruction = "You are a pathologist. please only answer yes or no. is it dark?";
    assertThat(decoded(closed, InstructRows.PROMPT)).isEqualTo("<s>" + instruction);
    assertThat(decoded(closed, InstructRows.INSTRUCTION)).contains(instruction);
    assertThat(decoded(closed, InstructRows.ANSWER)).isEqualTo(" no</s>");
    assertThat(row(closed, InstructRows.ANSWER).supervised().orElseThrow())
        .containsOnly(true)
        .hasSize(row(closed, InstructRows.ANSWER).ids().length);
    assertThat(row(closed, InstructRows.PROMPT).supervised()).isEmpty();
    assertThat(closed.text()).isEqualTo(instruction + " >> no<<");
    assertThat(closed.fit()).isEqualTo(Fit.WHOLE);
    Prepared open = rows(settings).evaluation(asked("what is it?", Kind.OPEN, "stroma"), 0);
    assertThat(decoded(open, InstructRows.PROMPT))
        .isEqualTo("<s>You are a pathologist. what is it?");
  }

  @Test
  void captionsAnswerAnInstruction() throws IOException {
    Sample said = sample(new SampleContent.Captions(Caption.equal(List.of("Dark stroma.", "b"))));
    Prepared prepared = rows(PLAIN).evaluation(said, 0);
    assertThat(prepared.text()).isEqualTo("Describe it. >> Dark stroma.<<");
    InstructTextSettings cleaned =
        settings(InstructTextSettings.CleanUp.BLIP_CAPTION, "{text}", 32, 32, 32);
    assertThat(rows(cleaned).evaluation(said, 0).text()).isEqualTo("Describe it. >> dark stroma<<");
  }

  @Test
  void optionsAreAskedAsTheyAreLettered() throws IOException {
    Prepared chosen =
        rows(PLAIN).evaluation(asked("Which?", Kind.CHOICE, "pink", "blue", "pink"), 0);
    assertThat(chosen.text()).isEqualTo("Which?\nA: blue\nB: pink >> B: pink<<");
  }

  @Test
  void aConversationOfOneQuestionIsOne() throws IOException {
    List<Turn> turns = List.of(new Turn(true, "Which?"), new Turn(false, "pink"));
    assertThat(rows(PLAIN).evaluation(sample(new SampleContent.Conversation(turns)), 0).text())
        .isEqualTo("Which? >> pink<<");
    var longer = sample(new SampleContent.Conversation(List.of(turns.getFirst())));
    assertThatThrownBy(() -> rows(PLAIN).evaluation(longer, 0))
        .hasMessage("tile/7: is a conversation of 1 turns; a question with its answer is expected");
  }

  @Test
  void longPromptsLoseTheirBeginningAndAnswersTheirEnd() throws IOException {
    InstructTextSettings narrow = settings(InstructTextSettings.CleanUp.NONE, "{text}", 4, 2, 3);
    Prepared cut =
        rows(narrow)
            .evaluation(asked("is the tissue dark? yes no", Kind.OPEN, "the tissue is dark"), 0);
    int[] prompt = row(cut, InstructRows.PROMPT).ids();
    assertThat(prompt).hasSize(4).startsWith(ids.begin().orElseThrow());
    assertThat("is the tissue dark? yes no").endsWith(language.decode(prompt, true).strip());
    assertThat(row(cut, InstructRows.ANSWER).ids()).hasSize(2).doesNotContain(2);
    assertThat(row(cut, InstructRows.INSTRUCTION).ids()).hasSize(3);
    assertThat(cut.fit()).isEqualTo(Fit.TRUNCATED);
  }

  @Test
  void whatAnEncoderReadsEndsAsATextDoes() throws IOException {
    Prepared read = rows(PLAIN, true).evaluation(asked("is it dark?", Kind.OPEN, "no"), 0);
    assertThat(decoded(read, InstructRows.PROMPT)).isEqualTo("is it dark?</s>");
  }

  @Test
  void anEndMayBeNamed() throws IOException {
    SpecialIds endless = new SpecialIds(OptionalInt.empty(), List.of(), OptionalInt.empty());
    assertThatThrownBy(() -> InstructText.of(PLAIN, language, endless, false, Optional.empty()))
        .hasMessageContaining("no file beside it says which id ends a text; name one as text.end");
    var named =
        new InstructTextSettings(
            InstructTextSettings.CleanUp.NONE,
            "{text}",
            "{text}",
            List.of("Describe it."),
            "{text}",
            "{text}",
            Optional.of("?"),
            32,
            8,
            Optional.empty(),
            16);
    InstructText text = InstructText.of(named, language, endless, false, Optional.empty());
    assertThat(text.answer("no")).endsWith(text.end());
    assertThat(language.decode(new int[] {text.end()}, false)).isEqualTo("?");
  }

  @Test
  void whatCannotBeARowIsSaid() {
    assertThatThrownBy(() -> rows(PLAIN).evaluation(asked("  ", Kind.OPEN, "pink"), 0))
        .hasMessage("tile/7: the question is empty");
    assertThatThrownBy(() -> rows(PLAIN).evaluation(asked("Which?", Kind.OPEN, " "), 0))
        .hasMessage("tile/7: the answer is empty");
    InstructTextSettings cleaned =
        settings(InstructTextSettings.CleanUp.BLIP_CAPTION, "{text}", 32, 8, 16);
    assertThatThrownBy(() -> rows(cleaned).evaluation(asked("Which?", Kind.OPEN, "..."), 0))
        .hasMessage("tile/7: the answer is empty");
    var blind =
        new Sample(
            "row 3",
            List.of(),
            sample(new SampleContent.Document("")).content(),
            Optional.empty(),
            Optional.empty());
    assertThatThrownBy(() -> rows(PLAIN).evaluation(blind, 0))
        .hasMessage(
            "row 3: has 0 images, where a question is about one; name the field of its image");
    var missing =
        new Sample(
            "row 4",
            List.of(
                () -> {
                  throw new NoSuchFileException("a.png");
                }),
            new QuestionAnswer("Which?", "pink", Kind.OPEN, List.of(), Optional.empty()),
            Optional.empty(),
            Optional.empty());
    assertThatThrownBy(() -> rows(PLAIN).evaluation(missing, 0)).hasMessageContaining("a.png");
  }
}
