package dev.eosin.data.parquet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.SampleContent.Conversation;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.SampleContent.Turn;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.CaptionConversationsSettings;
import dev.eosin.data.settings.CaptionConversationsSettings.Mark;
import dev.eosin.data.settings.ParquetSettings;
import dev.eosin.data.settings.QuestionSetSettings;
import dev.eosin.data.settings.QuestionSetSettings.Layout;
import dev.eosin.data.settings.RowFields;
import dev.eosin.data.tables.QuestionRowsTest;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Published sets in the files of their authors; `src/test/resources/questions` has them small.
class QuestionSetsTest {
  private static final Path RECORDED = Path.of("src/test/resources/questions");
  private static final ImageDecoder DECODER = new ImageDecoder();

  @TempDir Path images;

  @BeforeEach
  void makeImages() throws IOException {
    for (String name : List.of("a.png", "b.png", "train_0001.jpg", "train_0002.jpg")) {
      Files.writeString(images.resolve(name), name);
    }
  }

  @Test
  void cloverNamesItsImagesPath() throws IOException {
    Source source = open("clover.json", Layout.CLOVER);
    assertThat(question(source, 0)).isEqualTo(open("Which tissue is shown?", "Smooth muscle."));
    assertThat(question(source, 1).kind()).isEqualTo(Kind.CLOSED);
    assertThat(source.get(1).key()).isEqualTo("b.png");
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 4, 5})
  void pathVqaIsReadFromItsPickles(int protocol) throws IOException {
    Source source = open("path-vqa-%d.pkl".formatted(protocol), Layout.PATH_VQA);
    assertThat(source.size()).isEqualTo(3);
    assertThat(question(source, 0)).isEqualTo(open("What lines the lumen?", "columnar cells"));
    assertThat(question(source, 1).kind()).isEqualTo(Kind.CLOSED);
    assertThat(question(source, 2).answer()).isEqualTo("3");
    assertThat(source.get(0).image().encoded()).contains("train_0001.jpg".getBytes());
    assertThat(source.place(0)).isEqualTo(source.place(2)).isNotEqualTo(source.place(1));
  }

  @Test
  void pathVqaIsReadFromParquet() throws IOException {
    Source source = open("path-vqa.parquet", Layout.PATH_VQA);
    assertThat(question(source, 0)).isEqualTo(open("What lines the lumen?", "columnar cells"));
    assertThat(source.get(1).image().encoded()).contains("second image".getBytes());
  }

  @Test
  void aPickleOfAnythingElseIsRefusedByItsName() throws IOException {
    String call = "cposix\nsystem\n(U\u0004truetR.";
    assertPickle(call, "the pickle asks for 'posix.system'; only plain containers");
    assertPickle("cnumpy\nndarray\n.", "'numpy.ndarray'");
    assertPickle("ctorch._utils\n_rebuild_tensor_v2\n.", "'torch._utils._rebuild_tensor_v2'");
    assertPickle("}.", "holds an object; expected a list of dictionaries");
    assertPickle("]K\u0001a.", "record 1 is a number; expected a dictionary");
    assertPickle("]q\u0000h\u0000a.", "nests containers more than 16 deep");
    assertPickle("]", "is the file truncated?");
  }

  private void assertPickle(String bytes, String reason) throws IOException {
    Path file = images.resolve("x.pkl");
    Files.write(file, ("\u0080\u0002" + bytes).getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(
            () ->
                Sources.open(
                    new QuestionSetSettings(file, Layout.PATH_VQA, Optional.empty()), DECODER))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file.toString())
        .hasMessageContaining(reason);
  }

  @Test
  void pmcVqaAnswersWithLettersOrTexts() throws IOException {
    for (String file : List.of("pmc-vqa.csv", "pmc-vqa-texts.csv")) {
      QuestionAnswer first = question(open(file, Layout.PMC_VQA), 0);
      assertThat(first.options()).containsExactly("Glands", "Cells", "Fat", "Fibres");
      assertThat(first.answer()).isEqualTo("Fat");
      assertThat(first.kind()).isEqualTo(Kind.CHOICE);
    }
  }

  @Test
  void choicesHaveAFieldForEachOptionOrAList() throws IOException {
    String vignette = "A woman of 61 has a lump. What is it?";
    Path commas = images.resolve("cases.csv");
    Files.writeString(
        commas,
        "image,question,A,B,C,answer\na.png,%s,Cyst,Carcinoma,Fibroma,B\nb.png,Which?,Fat,Gland,,Gland\n"
            .formatted(vignette));
    Path lines = images.resolve("cases.jsonl");
    Files.writeString(
        lines,
        """
        {"image": "a.png", "question": "%s", "A": "Cyst", "B": "Carcinoma", "C": "Fibroma", "answer": "b"}
        {"image": "b.png", "question": "Which?", "A": "Fat", "B": "Gland", "answer": "(B)"}
        """
            .formatted(vignette));
    Path array = images.resolve("cases.json");
    Files.writeString(
        array,
        """
        [{"image": "a.png", "question": "%s", "options": ["Cyst", "Carcinoma", "Fibroma"], "answer": "B"},
         {"image": "b.png", "question": "Which?", "options": {"A": "Fat", "B": "Gland"}, "answer": "B"}]
        """
            .formatted(vignette));
    for (Path file : List.of(commas, lines, array)) {
      Source source = choices(file);
      assertThat(question(source, 0))
          .as(file.toString())
          .isEqualTo(
              new QuestionAnswer(
                  vignette,
                  "Carcinoma",
                  Kind.CHOICE,
                  List.of("Cyst", "Carcinoma", "Fibroma"),
                  Optional.empty()));
      assertThat(question(source, 1).options()).containsExactly("Fat", "Gland");
      assertThat(question(source, 1).answer()).isEqualTo("Gland");
    }
  }

  @Test
  void choicesWithoutOptionsAreRefused() throws IOException {
    Path file = images.resolve("cases.csv");
    Files.writeString(file, "image,question,answer\na.png,Which?,B\n");
    assertThatThrownBy(() -> choices(file))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(
            file + ": has no options; expected the fields A, B and so on, or options with a list");
    Files.writeString(file, "image,question,A,B,answer\na.png,Which?,Fat,Gland,C\n");
    assertThatThrownBy(() -> choices(file))
        .hasMessageContaining(
            "line 2 (answer is 'C'; expected a letter from A to B or one of Fat, Gland");
  }

  private static Source choices(Path file) throws DataException {
    return Sources.open(
        new QuestionSetSettings(file, Layout.MULTIPLE_CHOICE, Optional.empty()), DECODER);
  }

  @Test
  void quiltVqaHasAYesOrNoBesideItsSentences() throws IOException {
    Source source = open("quilt-vqa.json", Layout.QUILT_VQA);
    assertThat(question(source, 0).answer()).isEqualTo("yes");
    assertThat(question(source, 0).kind()).isEqualTo(Kind.CLOSED);
    assertThat(question(source, 1)).isEqualTo(open("What fills the lumen?", "Mucus."));
    assertThat(question(source, 2).kind()).isEqualTo(Kind.OPEN);
    String header = "image,question,answer,answer_type";
    Path plain = images.resolve("quilt.csv");
    Files.writeString(plain, header + "\na.png,Is it?,\"Yes, it is.\",CLOSED\n");
    assertThat(question(open(plain), 0).answer()).isEqualTo("Yes, it is.");
    Files.writeString(plain, header + ",yes_no_answer\na.png,Is it?,\"Yes, it is.\",CLOSED,yes\n");
    assertThat(question(open(plain), 0).answer()).isEqualTo("yes");
  }

  private Source open(Path quilt) throws DataException {
    return Sources.open(
        new QuestionSetSettings(quilt, Layout.QUILT_VQA, Optional.empty()), DECODER);
  }

  @Test
  void llavaMedsPathologyIsChosenByItsDomain() throws IOException {
    var settings =
        new QuestionSetSettings(
            RECORDED.resolve("llava-med.json"),
            Layout.LLAVA_MED,
            Optional.of(images),
            Map.of("domain.histology", "true"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());
    Source source = Sources.open(settings, DECODER);
    assertThat(source.size()).isEqualTo(2);
    assertThat(turns(source, 0)).hasSize(4).first().isEqualTo(asked("<image>\nWhat is shown?"));
    assertThat(turns(source, 1).getLast()).isEqualTo(new Turn(false, "Fibres."));
  }

  @Test
  void parquetOptionsAreAListOrColumns() throws IOException {
    for (List<String> options : List.of(List.of("list"), List.of("first", "second"))) {
      RowFields fields =
          new RowFields(
              "image",
              Optional.empty(),
              Optional.empty(),
              Optional.empty(),
              Optional.of("question"),
              Optional.of("answer"),
              Optional.empty(),
              options,
              Optional.of("kind"),
              Optional.of("fact"));
      Source source =
          ParquetSource.open(
              new ParquetSettings(
                  RECORDED.resolve("choices.parquet"),
                  Optional.of(images),
                  fields,
                  Map.of(),
                  Map.of(),
                  List.of()),
              DECODER);
      assertThat(question(source, 0))
          .isEqualTo(
              new QuestionAnswer(
                  "Which?", "two", Kind.CHOICE, List.of("one", "two"), Optional.of("count")));
      assertThat(question(source, 1).kind()).isEqualTo(Kind.CLOSED);
      QuestionRowsTest.assertRefuses(source, 2, "choices.parquet: row 3: answer is empty");
    }
  }

  @Test
  void captionsAreAskedForByAFunctionOfSeedAndRow() throws IOException {
    StringBuilder table = new StringBuilder("image,caption\n");
    table.repeat("a.png,Fat.\n", 400);
    Path file = Files.writeString(images.resolve("many.csv"), table);
    Source either = prompted(file, Mark.EITHER, 1024);
    Set<String> requests = new HashSet<>();
    int before = 0;
    for (int i = 0; i < 400; i++) {
      List<Turn> turns = turns(either, i);
      assertThat(turns).hasSize(2);
      assertThat(turns.getLast()).isEqualTo(new Turn(false, "Fat."));
      String request = turns.getFirst().text();
      before += request.startsWith("<image>\n") ? 1 : 0;
      assertThat(request.startsWith("<image>\n")).isNotEqualTo(request.endsWith("\n<image>"));
      requests.add(request.replace("<image>", "").strip());
      assertThat(turns(prompted(file, Mark.BEFORE, 1024), i).getFirst().text())
          .isEqualTo("<image>\n" + request.replace("<image>", "").strip());
    }
    assertThat(requests).hasSize(21);
    assertThat(before).isBetween(150, 250);
    assertThat(turns(prompted(file, Mark.EITHER, 1024), 7)).isEqualTo(turns(either, 7));
    assertThat(prompted(file, Mark.EITHER, 1025).fingerprint()).isNotEqualTo(either.fingerprint());
  }

  @Test
  void paLlavasRowsAndOwnRequestsAreRead() throws IOException {
    Source source = prompted(RECORDED.resolve("pa-llava.json"), Mark.AFTER, 0);
    assertThat(turns(source, 0).getLast()).isEqualTo(new Turn(false, "Glands of the colon."));
    Path requests = Files.writeString(images.resolve("p.txt"), "Say it.\n\n");
    assertThat(turns(prompted(Optional.of(requests)), 1).getFirst())
        .isEqualTo(asked("Say it.\n<image>"));
    Files.writeString(requests, "Say <image> it.\n");
    assertThatThrownBy(() -> prompted(Optional.of(requests)))
        .hasMessageContaining("request 1 holds <image>; expected none");
    Files.writeString(requests, "\n");
    assertThatThrownBy(() -> prompted(Optional.of(requests)))
        .hasMessageContaining("is empty; expected a request on each line (prompts)");
  }

  @Test
  void aNameThatSaysNothingIsRefused() {
    assertThatThrownBy(
            () ->
                Sources.open(
                    new QuestionSetSettings(
                        images.resolve("x.txt"), Layout.CLOVER, Optional.empty()),
                    DECODER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("its name does not say what it is; expected .json");
  }

  private Source prompted(Optional<Path> requests) throws DataException {
    return Sources.open(
        settings(RECORDED.resolve("pa-llava.json"), requests, Mark.AFTER, 0), DECODER);
  }

  private Source prompted(Path file, Mark mark, long seed) throws DataException {
    return Sources.open(settings(file, Optional.empty(), mark, seed), DECODER);
  }

  private CaptionConversationsSettings settings(
      Path file, Optional<Path> requests, Mark mark, long seed) {
    return new CaptionConversationsSettings(
        file,
        Optional.of(images),
        "image",
        "caption",
        requests,
        mark,
        seed,
        Map.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  private Source open(String file, Layout layout) throws DataException {
    return Sources.open(
        new QuestionSetSettings(RECORDED.resolve(file), layout, Optional.of(images)), DECODER);
  }

  private static QuestionAnswer question(Source source, long index) {
    return QuestionRowsTest.question(source, index);
  }

  private static QuestionAnswer open(String question, String answer) {
    return new QuestionAnswer(question, answer, Kind.OPEN, List.of(), Optional.empty());
  }

  private static Turn asked(String text) {
    return new Turn(true, text);
  }

  private static List<Turn> turns(Source source, long index) {
    assertThat(source.get(index).content()).isInstanceOf(Conversation.class);
    return ((Conversation) source.get(index).content()).turns();
  }
}
