package dev.eosin.run.folders;

import static org.assertj.core.api.Assertions.assertThat;

import dev.eosin.run.SmallRun;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FinishedMarkerTest {
  @TempDir Path home;

  @Test
  void theMarkerIsThereOnceTheModelIs() throws Exception {
    SmallRun run = SmallRun.in(home);
    Path marker = run.folder().resolve("finished.json");
    run.train(2, new SmallRun.Notes(), "evaluate=[]");
    assertThat(marker).doesNotExist();
    Files.writeString(marker, "of an earlier end");
    run.train(2, new SmallRun.Notes(), "evaluate=[]");
    assertThat(marker).as("a run that goes on is not finished").doesNotExist();
    run.train("evaluate=[]");
    assertThat(run.folder().resolve("final")).exists();
    assertThat(marker)
        .content()
        .contains("\"step\" : 12", "\"samples\" : 96", "\"ranks\" : 1", "\"model\" : \"final\"");
  }
}
