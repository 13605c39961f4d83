package dev.eosin.revise;

import static dev.eosin.revise.ReviseFixture.TABLE;
import static dev.eosin.revise.ReviseFixture.json;
import static dev.eosin.revise.ReviseFixture.lines;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.config.DataException;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.LlavaJsonSettings;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.random.RandomKey;
import dev.eosin.text.ClipTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Captions that rules shorten to what CLIP reads.
class CaptionSummariesTest {
  private static final ClipTokenizer TOKENIZER = ClipTokenizer.load();

  @TempDir private Path folder;

  private static ExtractiveSummary rules(int context) throws DataException {
    return new ExtractiveSummary(new Terms(Lexicon.shipped(Lexicon.PATHOLOGY)), TOKENIZER, context);
  }

  @Test
  void sentencesThatStateMostForTheirLengthAreKeptInTheirOrder() throws DataException {
    String caption =
        "This is an image that somebody took at some time of the day, for whatever reason it was."
            + " Malignant glands in dense stroma. Let us look at it again. Numerous mitoses.";
    assertThat(rules(77).of(caption)).contains(caption);
    assertThat(rules(18).of(caption))
        .contains("Malignant glands in dense stroma. Numerous mitoses.");
    assertThat(TOKENIZER.untruncatedLength("Malignant glands in dense stroma. Numerous mitoses."))
        .isLessThanOrEqualTo(18);
    assertThat(rules(8).of(caption))
        .hasValueSatisfying(text -> assertThat(text).doesNotContain("glands"));
  }

  @Test
  void whereNoSentenceFitsTheClausesOfTheFirstDo() throws DataException {
    String caption = "Benign glands, dense stroma with few cells, and no necrosis anywhere at all.";
    assertThat(rules(8).of(caption)).contains("Benign glands.");
    assertThat(rules(3).of(caption)).isEmpty();
    assertThat(rules(8).of(" ")).isEmpty();
  }

  @Test
  void rowsFitAndAreReadAsConversationsOfTextAlone() throws IOException {
    SummarySettings settings = ReviseFixture.bound(TABLE + "context: 14\n", SummarySettings.class);
    PreparationReport report =
        ReviseFixture.run(folder, new CaptionSummaries(settings, new RandomKey(7)));
    assertThat(report.funnel().rejected()).containsEntry("no-caption", 1L);
    List<JsonNode> rows = lines(folder.resolve("summaries.jsonl"));
    assertThat(rows).hasSize(11);
    assertThat(Files.readString(folder.resolve("page.html")))
        .contains("11 of 12 rows are kept", rows.getFirst().path("summary").asText());
    long kept = 0;
    for (JsonNode row : rows) {
      assertThat(TOKENIZER.untruncatedLength(row.path("summary").asText()))
          .isEqualTo(row.path("ids").asInt())
          .isLessThanOrEqualTo(14);
      kept += row.path("facts-kept").asLong();
    }
    JsonNode statistics = json(folder.resolve("summaries.json"));
    assertThat(statistics.path("facts-kept").asLong()).isEqualTo(kept);
    assertThat(statistics.path("share-kept").asDouble()).isBetween(0.3, 0.99);

    Source source =
        Sources.open(
            ReviseFixture.bound(
                "path: %s\nimages: %s\nsays: conversation\nwithout-image: keep\n"
                    .formatted(folder.resolve("summaries.jsonl"), folder),
                LlavaJsonSettings.class),
            new ImageDecoder());
    assertThat(source.size()).isEqualTo(11);
  }
}
