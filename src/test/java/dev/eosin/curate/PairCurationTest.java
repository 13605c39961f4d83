package dev.eosin.curate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.config.DataException;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.prepare.Cost;
import dev.eosin.prepare.Outputs;
import dev.eosin.prepare.PreparationContract;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import dev.eosin.prepare.Row;
import dev.eosin.prepare.RowFailedException;
import dev.eosin.prepare.RowPreparation;
import dev.eosin.prepare.RowSteps;
import dev.eosin.prepare.RowSteps.Answer;
import dev.eosin.prepare.RowSteps.Service;
import dev.eosin.prepare.Rows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PairCurationTest extends PreparationContract {
  private static final Path TABLE = Path.of("src/test/resources/curate/pairs.jsonl");

  @TempDir private Path folder;

  private static PairCuration curation(Path table) {
    return new PairCuration(
        new PairCurationSettings(table, "id", "image", "caption", 2, 8, Optional.empty()));
  }

  /// Curation asks nobody, and would be over before anything can befall it.
  @Override
  protected RowPreparation preparation(UnaryOperator<Service> outside) {
    return new Asking(
        curation(TABLE), outside.apply(request -> new Answer(request, Cost.ofCall(0, 0))));
  }

  /// The same work, with a question before each row.
  record Asking(RowPreparation same, Service service) implements RowPreparation {
    @Override
    public Rows rows() throws DataException {
      return same.rows();
    }

    @Override
    public Map<String, String> pins() {
      return same.pins();
    }

    @Override
    public List<String> reasons() {
      return same.reasons();
    }

    @Override
    public Outcome prepare(Row row, RowSteps steps)
        throws RowFailedException, IOException, InterruptedException {
      var request = JsonNodeFactory.instance.objectNode().put("row", row.key());
      steps.ask("look", request, Cost.ofCall(0, 0), service);
      return same.prepare(row, steps);
    }

    @Override
    public Assembly assemble(Outputs outputs) throws IOException {
      return same.assemble(outputs);
    }
  }

  private PreparationReport curate(Path table) throws DataException {
    Path out = folder.resolve("out-of-" + table.getFileName());
    var settings = new PreparationSettings(4, Failed.OPEN, 50, Limits.NONE);
    return new PreparationRun(out, curation(table), settings, 7).run(progress -> {}, () -> false);
  }

  @Test
  void pairsKeepTheirOrderAndTheirOtherFields() throws IOException {
    assertThat(curate(TABLE).funnel().kept()).isEqualTo(5);
    assertThat(folder.resolve("out-of-pairs.jsonl").resolve(PairCuration.PAIRS))
        .hasContent(
            """
            {"id":"a","image":"a.png","caption":"Tumour nests & fibrous stroma.","group":"slide-1"}
            {"id":4,"image":"d.png","caption":"LacticâcidosiS isn't shown here.","label":"none"}
            {"id":"g","image":"g.png","caption":"Tumour nests & fibrous stroma."}
            {"id":"j","image":"j.png","caption":"Colonic mucosa, H&E."}
            {"id":"k","image":"j.png","caption":"Colonic mucosa, PAS."}
            """);
  }

  @Test
  void whatIsLeftOutIsSaidWithItsReason() throws IOException {
    assertThat(curate(TABLE).funnel().rejected())
        .containsExactly(
            Map.entry("no-image", 2L),
            Map.entry("empty-caption", 2L),
            Map.entry("too-short", 1L),
            Map.entry("too-long", 1L),
            Map.entry("duplicate", 1L),
            Map.entry("failed", 0L));
    assertThat(Files.readString(folder.resolve("out-of-pairs.jsonl/rejects.jsonl")))
        .contains(
            "{\"row\":1,\"key\":\"b\",\"reason\":\"too-short\",\"detail\":\"1 words: Necrosis\"}",
            "{\"row\":5,\"key\":\"f\",\"reason\":\"duplicate\",\"detail\":\"'a.png' has this caption already\"}",
            "{\"row\":7,\"key\":\"h\",\"reason\":\"too-long\",\"detail\":\"9 words\"}",
            "{\"row\":8,\"key\":\"i\",\"reason\":\"empty-caption\",\"detail\":\"\"}");
  }

  @Test
  void thePageHasTheFunnelAndRowsWithTheirPictures() throws IOException {
    Path table = folder.resolve("shown.jsonl");
    Files.writeString(
        table,
        """
        {"id": 1, "image": "seen.png", "caption": "Tumour <b>nests</b>, &lt;i&gt;small"}
        {"id": 2, "image": "lost.png", "caption": "Necrosis"}
        {"id": 3, "image": "seen.png", "caption": "Fat"}
        """);
    Files.write(folder.resolve("seen.png"), Png.encode(new RgbImage(2, 2, new byte[12])));
    curate(table);
    String page = Files.readString(folder.resolve("out-of-shown.jsonl/page.html"));
    assertThat(page)
        .contains(
            "<h1>Pairs: shown.jsonl</h1>",
            "1 of 3 rows are kept",
            "Left out, too-short: 2",
            "1 words: Necrosis")
        .contains("no picture: image of 2")
        .doesNotContain("<b>", "<i>");
    assertThat(page.split("data:image/png;base64", -1)).hasSize(3);
  }

  @Test
  void aTableWithoutTheFieldsIsRefusedInsteadOfRejected() throws IOException {
    Path table = folder.resolve("other.jsonl");
    Files.writeString(table, "{\"id\": 1, \"image\": \"a.png\", \"text\": \"Tumour nests.\"}\n");
    assertThatThrownBy(() -> curate(table))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(table + ": line 1, key '1'")
        .hasMessageContaining(
            "field 'caption' is missing, expected a text or null; name the right one by pairs.caption; the row has id, image, text");
    Path numbered = folder.resolve("numbered.jsonl");
    Files.writeString(numbered, "{\"id\": 1, \"image\": 7, \"caption\": \"Tumour nests.\"}\n");
    assertThatThrownBy(() -> curate(numbered))
        .hasMessageContaining("field 'image' is 7, expected a text")
        .hasMessageContaining("pairs.image");
  }

  @Test
  void settingsThatContradictThemselvesAreRefused() {
    assertThatThrownBy(
            () -> new PairCurationSettings(TABLE, "id", "image", "caption", 5, 4, Optional.empty()))
        .hasMessageContaining("min-words: 5 is above max-words of 4");
    assertThatThrownBy(
            () -> new PairCurationSettings(TABLE, "id", "text", "text", 1, 4, Optional.empty()))
        .hasMessageContaining("caption: 'text' is the field of key or image");
  }
}
