package dev.eosin.eval.answers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.data.SampleContent.QuestionAnswer.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AnswersFileTest {
  private static final SortedMap<String, String> PINS = new TreeMap<>(Map.of("model", "m1"));

  @TempDir private Path folder;

  private Path file() {
    return folder.resolve("deep/answers.jsonl");
  }

  private static AnswerRow row(int number) {
    return new AnswerRow(
        "q" + number,
        Optional.of("tile-%d.png".formatted(number)),
        "Which \u00e4?",
        "b",
        "B: b\n",
        Kind.CHOICE,
        Optional.of("tissue"),
        Control.OTHER_IMAGE,
        number,
        1,
        List.of("b", "a"),
        Optional.of("slide"),
        Map.of());
  }

  @Test
  void whatIsWrittenIsReadAgain() throws IOException {
    try (AnswersWriter writer = AnswersWriter.open(file(), PINS)) {
      writer.append(List.of(row(1), row(2)));
      writer.append(List.of(row(3).answered("half \ud83d")));
    }
    assertThat(AnswersFile.read(file()).rows())
        .containsExactly(row(1), row(2), row(3).answered("half \ud83d"));
    assertThat(AnswersFile.read(file()).notes()).isEmpty();
  }

  @Test
  void everyCutOfAFileIsContinuedToTheSameFile() throws IOException {
    try (AnswersWriter writer = AnswersWriter.open(file(), PINS)) {
      writer.append(List.of(row(1), row(2)));
    }
    byte[] whole = Files.readAllBytes(file());
    int first = new String(whole, java.nio.charset.StandardCharsets.ISO_8859_1).indexOf('\n') + 1;
    for (int length = 0; length <= whole.length; length += 7) {
      Files.write(file(), java.util.Arrays.copyOf(whole, length));
      try (AnswersWriter writer = AnswersWriter.open(file(), PINS)) {
        boolean torn = length != 0 && length != first && length != whole.length;
        assertThat(writer.note().isPresent()).isEqualTo(torn);
        for (AnswerRow row : List.of(row(1), row(2))) {
          if (!writer.present().containsKey(row.key())) {
            writer.append(List.of(row));
          }
        }
      }
      assertThat(Files.readAllBytes(file())).isEqualTo(whole);
    }
  }

  @Test
  void aFileIsNotContinuedWithOtherPinsOrByTwo() throws IOException {
    try (AnswersWriter writer = AnswersWriter.open(file(), PINS)) {
      writer.append(List.of(row(1)));
      assertThatThrownBy(() -> AnswersWriter.open(file(), PINS))
          .isInstanceOf(DataException.class)
          .hasMessageContaining("another process writes to it");
    }
    assertThatThrownBy(
            () -> AnswersWriter.open(file(), new TreeMap<>(Map.of("model", "m2", "seed", "1"))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("model was 'm1' and is 'm2'; seed was 'nothing' and is '1'");
    Files.delete(file().resolveSibling("answers.jsonl.pins.json"));
    assertThatThrownBy(() -> AnswersWriter.open(file(), PINS))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("nothing says how they were made");
    assertThat(AnswersFile.read(file()).rows()).containsExactly(row(1));
  }

  @Test
  void foreignFilesMayLeaveOutWhatIsOptionalAndKeepWhatIsTheirs() throws IOException {
    Path foreign =
        Files.writeString(
            folder.resolve("foreign.jsonl"),
            """
            {"id": 7, "question": "Is it?", "gold": "yes", "answer": "", "type": "closed", "model": "x"}

            {"id": "8", "question": "Which?", "gold": "C", "answer": "C", "type": "choice", "image": null}""");
    AnswersFile found = AnswersFile.read(foreign);
    assertThat(found.rows()).extracting(AnswerRow::id).containsExactly("7", "8");
    assertThat(found.rows().getFirst().control()).isEqualTo(Control.NONE);
    assertThat(found.rows().getFirst().further()).hasToString("{model=\"x\"}");
    assertThat(found.notes()).singleElement().asString().contains("model (1 rows)");
    assertThat(found.rows().get(1).rightOption()).hasValue(2);
  }

  @Test
  void whatIsWrongIsNamedWithLineAndField() throws IOException {
    String right =
        "\"id\": \"a\", \"question\": \"q\", \"gold\": \"g\", \"answer\": \"x\", \"type\": ";
    refused("{" + right + "\"opne\"}", "line 2: field 'type' is \"opne\", expected open, closed");
    refused("{\"id\": \"b\"}", "line 2: field 'type' is missing");
    refused("{" + right + "\"open\", \"gold\": \"g\"}", "line 2: this is not JSON: Duplicate");
    refused("{" + right + "\"open\"", "line 2: this is not JSON");
    refused("[]", "line 2: this is no JSON object");
    refused("{" + right + "\"open\", \"control\": \"other\"}", "field 'control' is \"other\"");
    refused("{" + right + "\"open\", \"draw\": -1}", "field 'draw' is -1");
    refused("{" + right + "\"open\", \"options\": [\"g\", \"h\"]}", "the type is open");
    refused("{" + right + "\"choice\", \"options\": [\"h\", \"h\"]}", "texts that differ");
    refused("{" + right + "\"choice\", \"options\": [\"h\", \"i\"]}", "field 'gold' is \"g\"");
    refused("{" + right.replace("\"g\"", "\" \"") + "\"open\"}", "field 'gold' is \" \"");
    refused(
        "{\"id\": \"first\", \"question\": \"q\", \"gold\": \"g\", \"answer\": \"\", \"type\": \"open\"}",
        "stands in line 1 already");
    refused(
        "{\"id\": \"first\", \"question\": \"other\", \"gold\": \"g\", \"answer\": \"\", \"type\": \"open\", \"control\": \"told\"}",
        "do not agree in question: 'other', and 'q' before");
  }

  private void refused(String second, String message) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("bad.jsonl"),
            "{\"id\": \"first\", \"question\": \"q\", \"gold\": \"g\", \"answer\": \"\", \"type\": \"open\"}\n"
                + second
                + "\n");
    assertThatThrownBy(() -> AnswersFile.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(file.toString())
        .hasMessageContaining(message);
  }

  @Test
  void aFileWithoutAnswersIsRefused() throws IOException {
    Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
    assertThatThrownBy(() -> AnswersFile.read(empty)).hasMessageContaining("has no answers");
    assertThatThrownBy(() -> AnswersFile.read(folder.resolve("none.jsonl")))
        .hasMessageContaining("no such file");
  }
}
