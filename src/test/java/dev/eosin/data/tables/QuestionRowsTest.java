package dev.eosin.data.tables;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.DataException;
import dev.eosin.config.RecipeFile;
import dev.eosin.data.Caption;
import dev.eosin.data.Sample;
import dev.eosin.data.SampleContent.QuestionAnswer;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import dev.eosin.data.Source;
import dev.eosin.data.json.JsonSource;
import dev.eosin.data.json.JsonTable;
import dev.eosin.data.opened.DataSettings;
import dev.eosin.data.opened.OpenedSources;
import dev.eosin.data.settings.CsvColumns;
import dev.eosin.data.settings.CsvSettings;
import dev.eosin.data.settings.JsonLinesSettings;
import dev.eosin.data.settings.RowFields;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Questions and answers out of tables: their kinds, their options, and rows that hold none.
public class QuestionRowsTest {
  private static final ImageDecoder DECODER = new ImageDecoder();

  @TempDir Path folder;

  @BeforeEach
  void makeImages() throws IOException {
    Files.createFile(folder.resolve("a.png"));
  }

  @Test
  void theAnswerTellsTheKindWhereNoFieldDoes() throws IOException {
    Source source =
        csv(
            columns(List.of(), Optional.empty()),
            """
            image,question,answer
            a.png,Is it?,Yes.
            a.png,Is it?, no
            a.png,What is it?,"A gland, whole"
            a.png,Is it?,yes and no
            """);
    assertThat(kinds(source)).containsExactly(Kind.CLOSED, Kind.CLOSED, Kind.OPEN, Kind.OPEN);
    QuestionAnswer third = question(source, 2);
    assertThat(third.question()).isEqualTo("What is it?");
    assertThat(third.answer()).isEqualTo("A gland, whole");
    assertThat(third.options()).isEmpty();
    assertThat(third.fact()).isEmpty();
    assertThat(source.get(2).captions()).isEmpty();
    assertThat(source.get(2).kind()).isEqualTo("open question");
  }

  @Test
  void aFieldMayTellTheKindInManyWords() throws IOException {
    Source source =
        csv(
            columns(List.of("options"), Optional.of("type")),
            """
            image,question,answer,type,options
            a.png,Is it?,Yes,OPEN,
            a.png,Is it?,It is.,close,
            a.png,Which?,b,Multiple Choice,"['one', 'two']"
            a.png,Which?,two,,"[""one"", ""two""]"
            a.png,How many?,3,number,
            a.png,Is it?,yes,yes/no,
            """);
    assertThat(kinds(source))
        .containsExactly(Kind.OPEN, Kind.CLOSED, Kind.CHOICE, Kind.CHOICE, Kind.OPEN, Kind.CLOSED);
    assertThat(question(source, 2).answer()).isEqualTo("two");
    assertThat(question(source, 3).options()).containsExactly("one", "two");
  }

  @Test
  void lettersOfOptionsAreTakenOffWhereAllHaveTheirs() throws IOException {
    Source source =
        csv(
            columns(List.of("first", "second"), Optional.empty()),
            """
            image,question,answer,first,second
            a.png,Which?,B, A: one ,B:two
            a.png,Which?,(a),(A) one,(B) two
            a.png,Which?,B:two,A:one,B:two
            a.png,Which?,A.,A: one,two
            a.png,Which?,B,B,A
            """);
    assertThat(question(source, 0).options()).containsExactly("one", "two");
    assertThat(question(source, 0).answer()).isEqualTo("two");
    assertThat(question(source, 1).answer()).isEqualTo("one");
    assertThat(question(source, 2).answer()).isEqualTo("two");
    assertThat(question(source, 3).options()).containsExactly("A: one", "two");
    assertThat(question(source, 3).answer()).isEqualTo("A: one");
    assertThat(question(source, 4).answer()).isEqualTo("B");
  }

  @Test
  void aQuestionThatComesAgainIsToldAndAnotherAboutTheSameImageIsNot() throws IOException {
    String rows = "image,question,answer\na.png,Is it?,Yes\na.png,Which?,The left one\n";
    assertThat(csv(columns(List.of(), Optional.empty()), rows).notes()).isEmpty();
    assertThat(csv(columns(List.of(), Optional.empty()), rows + "a.png,Is it?,Yes\n").notes())
        .singleElement()
        .asString()
        .contains("1 of 3 rows repeat an earlier one (same image, same words), for example a.png");
  }

  @Test
  void rowsWithoutAQuestionAreBadRowsThatSayWhy() throws IOException {
    Source source =
        csv(
            columns(List.of("first", "second"), Optional.of("type")),
            """
            image,question,answer,first,second,type
            a.png,Is it?,,,,
            a.png, ,Yes,,,
            ,Is it?,Yes,,,
            a.png,Which?,C,one,two,choice
            a.png,Which?,A,one,,choice
            a.png,Is it?,Yes,,,maybe
            a.png,Is it?,Yes,,,
            """);
    assertThat(source.size()).isEqualTo(7);
    assertThat(source.notes()).as("flawed rows are no copies").isEmpty();
    assertThat(source.badSamples().flawed().count()).isEqualTo(6);
    assertThat(source.badSamples().flawed().first()).hasSize(3);
    assertRefuses(
        source,
        0,
        "rows.csv: line 2: answer is empty; expected the answer to: Is it?; fill it in, or leave the"
            + " row out with where or without");
    assertRefuses(
        source, 1, "rows.csv: line 3: question is empty; expected a question; fill it in");
    assertRefuses(
        source, 2, "rows.csv: line 4: the image is not named; expected its path; fill it");
    assertRefuses(
        source, 3, "line 5: answer is 'C'; expected a letter from A to B or one of one, two;");
    assertRefuses(source, 4, "line 6: first, second is [one]; expected at least two options;");
    assertRefuses(
        source, 5, "line 7: type is 'maybe'; expected open, closed or choice; correct it");
    assertThat(question(source, 6).answer()).isEqualTo("Yes");
  }

  @Test
  void moreFlawedRowsThanTheLimitStopTheRun() throws IOException {
    write("image,question,answer\na.png,Is it?,\na.png,Is it?,Yes\na.png,What?,Fat\n");
    assertThat(opened("50 %").notes())
        .singleElement()
        .asString()
        .startsWith(
            "data.train: 1 of 3 samples have no whole question, answer or conversation, for example"
                + " line 2 (answer is empty;");
    assertThatThrownBy(() -> opened("10 %"))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("line 2 (answer is empty;")
        .hasMessageContaining("bad-rows.limit is 10 %");
  }

  /// A family of pairs says of a question that it is none.
  @Test
  void aQuestionIsNoPair() throws IOException {
    write("image,question,answer\na.png,Is it?,Yes\n");
    assertThatThrownBy(() -> opened("50 %").train().get(0).pair())
        .isInstanceOf(DataException.class)
        .hasMessage(
            "a.png: is a closed question with 1 images; expected one image with its caption; name"
                + " the field of captions as 'caption'");
  }

  private OpenedSources opened(String limit) throws IOException {
    String recipe =
        """
        train: { type: csv, path: %s, columns: { image: image, question: question, answer: answer } }
        image: { size: 32 px }
        bad-rows: { limit: %s }
        """
            .formatted(folder.resolve("rows.csv"), limit);
    DataSettings settings =
        Binder.bind(
            RecipeFile.parse(Path.of("data.yaml"), recipe, List.of(), Map.of()),
            DataSettings.class);
    return OpenedSources.open(settings, DECODER);
  }

  @Test
  void aTableWithoutAnyWholeRowIsRefused() throws IOException {
    Path table = write("image,question,answer\na.png,Is it?,\na.png,,Yes\n");
    assertThatThrownBy(
            () -> CsvSource.open(settings(table, columns(List.of(), Optional.empty())), DECODER))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("none of the 2 rows is whole, for example line 2 (answer is empty;");
  }

  @Test
  void optionsThatAreNoListStopTheRun() throws IOException {
    Path table = write("image,question,answer,options\na.png,Which?,A,one;two\n");
    assertThatThrownBy(
            () ->
                CsvSource.open(
                    settings(table, columns(List.of("options"), Optional.empty())), DECODER))
        .hasMessageContaining("1 row " + RowOptions.NO_LIST + " (line 2)");
  }

  @Test
  void settingsThatContradictThemselvesAreRefused() {
    assertThatThrownBy(() -> fields(Optional.of("q"), Optional.empty(), List.of()))
        .hasMessage("fields: 'answer' is missing; a question and its answer go together");
    assertThatThrownBy(() -> fields(Optional.empty(), Optional.empty(), List.of("options")))
        .hasMessageContaining("'question' is missing, and closed-answer, options, question-type");
    RowFields good = fields(Optional.of("q"), Optional.of("a"), List.of());
    assertThatThrownBy(
            () ->
                new JsonLinesSettings(
                    Path.of("x"), Optional.empty(), good, Map.of(), Map.of(), List.of("a {}")))
        .hasMessageContaining(
            "templates: they make captions, and rows are questions by fields.question")
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void jsonFieldsMayBeNestedAndOptionsAnObject() throws IOException {
    Path file =
        write(
            """
            {"image":"a.png","qa":{"q":"Which?","a":"B"},"choices":{"A":"one","B":"two"},"about":"count"}
            {"image":"a.png","qa":{"q":"How many?","a":3},"choices":[],"about":null}
            {"image":"a.png","qa":{"q":"Is it?","a":null},"choices":null}
            {"image":"a.png","qa":{"q":"Which?","a":"two"},"choices":"['one', 'two']"}
            """);
    RowFields fields =
        new RowFields(
            "image",
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.of("qa.q"),
            Optional.of("qa.a"),
            Optional.empty(),
            List.of("choices"),
            Optional.empty(),
            Optional.of("about"));
    Source source = JsonSource.open(lines(file, fields));
    assertThat(question(source, 0))
        .isEqualTo(
            new QuestionAnswer(
                "Which?", "two", Kind.CHOICE, List.of("one", "two"), Optional.of("count")));
    assertThat(question(source, 1).answer()).isEqualTo("3");
    assertRefuses(source, 2, "rows.csv: line 3: qa.a is empty");
    assertThat(question(source, 3).answer()).isEqualTo("two");
    Path wrong = write("{\"image\":\"a.png\",\"qa\":{\"q\":[\"Which?\"],\"a\":\"B\"}}\n");
    assertThatThrownBy(() -> JsonSource.open(lines(wrong, fields)))
        .hasMessageContaining("1 row whose qa.q is an array, not a text (line 1)");
  }

  @Test
  void namesOfCaptionsKeepTheirFingerprints() {
    assertThat(
            new RowFields("image", Optional.of("text"), Optional.empty(), Optional.of("slide"))
                .identity())
        .isEqualTo(
            "RowFields[image=image, caption=Optional[text], label=Optional.empty,"
                + " group=Optional[slide]]");
    assertThat(
            new CsvColumns(
                    "image", Optional.of("text"), List.of("b"), Optional.empty(), Optional.empty())
                .identity())
        .isEqualTo(
            "CsvColumns[image=image, caption=Optional[text], moreCaptions=[b],"
                + " label=Optional.empty, group=Optional.empty]");
    assertThat(
            new TableRow("a.png", Caption.equal(List.of("A.")), Optional.empty(), Optional.of("s"))
                .identity())
        .isEqualTo(
            "TableRow[image=a.png, captions=[Caption[text=A., weight=1.0]], label=Optional.empty,"
                + " group=Optional[s]]");
  }

  private static RowFields fields(
      Optional<String> question, Optional<String> answer, List<String> options) {
    return new RowFields(
        "image",
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        question,
        answer,
        Optional.empty(),
        options,
        Optional.empty(),
        Optional.empty());
  }

  private static CsvColumns columns(List<String> options, Optional<String> type) {
    return new CsvColumns(
        "image",
        Optional.empty(),
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.of("question"),
        Optional.of("answer"),
        Optional.empty(),
        options,
        type,
        Optional.empty());
  }

  private static JsonTable lines(Path file, RowFields fields) throws IOException {
    return JsonTable.of(
        new JsonLinesSettings(file, Optional.empty(), fields, Map.of(), Map.of(), List.of()),
        DECODER);
  }

  private Source csv(CsvColumns columns, String text) throws IOException {
    return CsvSource.open(settings(write(text), columns), DECODER);
  }

  private static CsvSettings settings(Path file, CsvColumns columns) {
    return new CsvSettings(file, ",", Optional.empty(), columns, Map.of(), Map.of(), List.of());
  }

  private Path write(String text) throws IOException {
    return Files.writeString(folder.resolve("rows.csv"), text);
  }

  public static QuestionAnswer question(Source source, long index) {
    assertThat(source.get(index).content()).isInstanceOf(QuestionAnswer.class);
    return (QuestionAnswer) source.get(index).content();
  }

  private static List<Kind> kinds(Source source) {
    return LongStream.range(0, source.size())
        .mapToObj(index -> question(source, index).kind())
        .toList();
  }

  public static void assertRefuses(Source source, long index, String reason) {
    Sample sample = source.get(index);
    assertThat(sample.captions()).isEmpty();
    assertThatThrownBy(() -> sample.images().getFirst().read())
        .isInstanceOf(DataException.class)
        .hasMessageContaining(reason);
  }
}
