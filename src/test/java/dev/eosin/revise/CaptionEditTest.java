package dev.eosin.revise;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.revise.CaptionEdit.Add;
import dev.eosin.revise.CaptionEdit.Delete;
import dev.eosin.revise.CaptionEdit.Modify;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The language of edits, and rows that keep to it.
class CaptionEditTest {
  private static final String CAPTION = "pink stain, dense cells, stroma";
  private static final CaptionEdits ALL =
      new CaptionEdits(
          List.of(
              new Modify(0, "pink", "purple", "stain"),
              new Delete(12, ", dense cells", "density"),
              new Add(20, ", calcification in the upper left", "finding")));

  @TempDir private Path folder;

  @Test
  void eachEditIsAppliedToWhatTheOneBeforeLeftAndAllCanBeUndone() {
    String edited = ALL.apply(CAPTION);
    assertThat(edited).isEqualTo("purple stain, stroma, calcification in the upper left");
    assertThat(ALL.undo(edited)).isEqualTo(CAPTION);
    assertThat(ALL.inverse().apply(edited)).isEqualTo(CAPTION);
    assertThat(ALL.inverse().inverse()).isEqualTo(ALL);
    assertThat(CaptionEdits.NONE.apply(CAPTION)).isEqualTo(CAPTION);
    assertThat(ALL.operation()).isEqualTo("several");
    assertThat(CaptionEdits.NONE.operation()).isEqualTo("none");
    for (CaptionEdit edit : ALL.edits()) {
      assertThat(new CaptionEdits(List.of(edit)).operation()).isEqualTo(edit.operation().word());
    }
  }

  @Test
  void jsonSaysExactlyWhatIsDone() throws JsonProcessingException {
    assertThat(ALL.json().toString())
        .isEqualTo(
            "[{\"operation\":\"modify\",\"at\":0,\"from\":\"pink\",\"to\":\"purple\",\"of\":\"stain\"},{\"operation\":\"delete\",\"at\":12,\"text\":\","
                + " dense cells\",\"of\":\"density\"},{\"operation\":\"add\",\"at\":20,\"text\":\","
                + " calcification in the upper left\",\"of\":\"finding\"}]");
    assertThat(CaptionEdits.of(json(ALL.json().toString()))).isEqualTo(ALL);
    assertThat(new Add(0, "x", "").json().toString())
        .isEqualTo("{\"operation\":\"add\",\"at\":0,\"text\":\"x\"}");
  }

  @Test
  void whatModelsWriteIsLocatedByItsWords() throws JsonProcessingException {
    JsonNode edits =
        json(
            """
            [{"operation": "modify", "from": "in", "to": "near"},
             {"operation": "delete", "text": "pink "},
             {"operation": "add", "text": ", blue"}]\
            """);
    CaptionEdits located = CaptionEdits.located(edits, "pink stain in muscle");
    assertThat(located.apply("pink stain in muscle")).isEqualTo("stain near muscle, blue");
    assertThat(located.edits().getFirst().at()).isEqualTo(11);
    assertThat(CaptionEdits.of(located.json())).isEqualTo(located);
  }

  @Test
  void whatCannotBeAppliedOrReadIsRefusedWithItsReason() throws JsonProcessingException {
    assertThatThrownBy(() -> new Modify(1, "pink", "blue", "").apply(CAPTION))
        .hasMessageContaining("modify at 1: expected 'pink' there in 'pink stain");
    assertThatThrownBy(() -> new Add(99, "x", "").apply(CAPTION)).hasMessageContaining("add at 99");
    assertThatThrownBy(() -> ALL.undo(CAPTION)).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Modify(0, "a", "a", "")).hasMessageContaining("two different");
    assertThatThrownBy(() -> new Delete(0, "", "")).hasMessageContaining("the text is empty");
    assertThatThrownBy(() -> new Add(-1, "x", "")).hasMessageContaining("found -1");
    JsonNode swap = json("[{\"operation\": \"swap\", \"at\": 0}]");
    assertThatThrownBy(() -> CaptionEdits.of(swap)).hasMessageContaining("modify, add or delete");
    JsonNode placeless = json("[{\"operation\": \"add\", \"text\": \"x\"}]");
    assertThatThrownBy(() -> CaptionEdits.of(placeless)).hasMessageContaining("whole number");
    JsonNode other = json("[{\"operation\": \"delete\", \"text\": \"mucus\"}]");
    assertThatThrownBy(() -> CaptionEdits.located(other, CAPTION))
        .hasMessageContaining("'mucus' is not in 'pink stain");
    JsonNode object = json("{}");
    assertThatThrownBy(() -> CaptionEdits.of(object)).hasMessageContaining("a list of edits");
  }

  @Test
  void rowsAreReadBackAndThoseWhoseOperationsSayOtherwiseAreRefused() throws IOException {
    DegradedRow row = DegradedRow.of("1", "1.png", CAPTION, ALL);
    DegradedRow clean = DegradedRow.of("2", "", CAPTION, CaptionEdits.NONE);
    Path file = folder.resolve(DegradedRow.FILE);
    Files.writeString(file, row.json() + "\n\n" + clean.json() + "\n");
    assertThat(DegradedRow.read(file)).containsExactly(row, clean);
    assertThat(row.corrections().apply(row.corrupted())).isEqualTo(row.target());
    assertThat(clean.corrupted()).isEqualTo(clean.target());

    Files.writeString(file, "\n" + row.json().put("corrupted", "mucus") + "\n");
    assertThatThrownBy(() -> DegradedRow.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("degraded.jsonl: line 2: corrupted: the operations make 'purple");
    Files.writeString(file, row.json().without("target") + "\n");
    assertThatThrownBy(() -> DegradedRow.read(file))
        .hasMessageContaining("line 1: field 'target': expected a text, found none");
    Files.writeString(file, "{");
    assertThatThrownBy(() -> DegradedRow.read(file)).hasMessageContaining("line 1: no JSON");
  }

  private static JsonNode json(String text) throws JsonProcessingException {
    return new ObjectMapper().readTree(text);
  }
}
