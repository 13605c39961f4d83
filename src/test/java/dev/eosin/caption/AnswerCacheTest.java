package dev.eosin.caption;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.eosin.config.DataException;
import dev.eosin.prepare.PreparationReport;
import dev.eosin.prepare.PreparationRun;
import dev.eosin.prepare.PreparationSettings;
import dev.eosin.prepare.PreparationSettings.Failed;
import dev.eosin.prepare.PreparationSettings.Limits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What was paid for once is not paid for again, in whichever folder.
class AnswerCacheTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir private Path folder;

  private PreparationReport run(String into, MisbehavingService service) throws IOException {
    LlmSettings settings = LlmFixture.settings(3, Optional.of(folder.resolve("cache")));
    var patience = LlmFixture.patience(3, 20_000);
    var system = InstantSource.system();
    try (var client = new LlmClient(settings, service.endpoint(LlmFixture.KEY), patience, system)) {
      Path table = Path.of("src/test/resources/caption/tiles.jsonl");
      var work = new PreparationSettings(2, Failed.OPEN, 50, Limits.NONE);
      var preparation = new DescribedTiles(table, settings, client, one -> one);
      return new PreparationRun(folder.resolve(into), preparation, work, 7)
          .run(progress -> {}, () -> false);
    }
  }

  @Test
  void anotherFolderIsPaidForNothing() throws IOException {
    try (MisbehavingService first = MisbehavingService.start();
        MisbehavingService second = MisbehavingService.start()) {
      assertThat(run("one", first).spent().tokens()).isPositive();
      assertThat(first.paid().values()).hasSizeGreaterThan(10).allMatch(count -> count == 1);
      assertThat(run("two", second).spent().tokens()).isZero();
      assertThat(second.seen()).isEmpty();
      assertThat(folder.resolve("two/described.jsonl"))
          .hasSameBinaryContentAs(folder.resolve("one/described.jsonl"));
    }
  }

  @Test
  void anAnswerIsFoundAgainByWhatWasAskedAlone() throws IOException {
    var cache = new AnswerCache(folder);
    JsonNode request = JSON.readTree("{\"model\": \"m\", \"top_p\": 1.0}");
    assertThat(cache.answer(request)).isEmpty();
    cache.keep(request, JSON.readTree("{\"said\": 1}"));
    assertThat(cache.answer(request)).contains(JSON.readTree("{\"said\": 1}"));
    assertThat(cache.answer(JSON.readTree("{\"model\": \"n\", \"top_p\": 1.0}"))).isEmpty();
    try (var files = Files.walk(folder)) {
      Path file = files.filter(Files::isRegularFile).findFirst().orElseThrow();
      Files.writeString(file, "{");
    }
    assertThatThrownBy(() -> cache.answer(request))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("remove this file, and it is asked again");
  }
}
