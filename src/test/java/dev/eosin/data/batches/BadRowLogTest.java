package dev.eosin.data.batches;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Share;
import dev.eosin.data.settings.BadRowSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BadRowLogTest {
  private static final BadRowSettings TEN_PERCENT = new BadRowSettings(new Share(0.1));

  @TempDir Path folder;
  private Path file = Path.of("");

  @BeforeEach
  void nameFile() {
    file = folder.resolve("bad-rows.jsonl");
  }

  @Test
  void eachPositionIsOneLine() throws IOException {
    BadRowLog log = BadRowLog.open("data.train", file, TEN_PERCENT, 1_000, 0);
    BadRow plain = new BadRow(3, "a.png", "a.png: corrupt", List.of(), Optional.of("c.png"));
    BadRow twice = new BadRow(9, "b.png", "missing", List.of("a.png"), Optional.of("d.png"));
    assertThat(log.told()).isEmpty();
    log.account(16, List.of(plain, twice));
    assertThat(log.told())
        .hasValue(
            "2 of the rows read so far (2 different samples) could not be read and were replaced; they are listed in "
                + file);
    assertThat(file)
        .hasContent(
            """
            {"position":3,"key":"a.png","reason":"a.png: corrupt","replaced_by":"c.png"}
            {"position":9,"key":"b.png","reason":"missing","failed_refills":["a.png"],"replaced_by":"d.png"}
            """);
  }

  @Test
  void noBadRowsNoFile() throws IOException {
    BadRowLog log = BadRowLog.open("data.train", file, TEN_PERCENT, 1_000, 0);
    log.account(16, List.of());
    assertThat(file).doesNotExist();
    assertThat(log.count()).isZero();
  }

  @Test
  void resumingCutsTheListBackAndKeepsTheCount() throws IOException {
    BadRowLog log = BadRowLog.open("data.train", file, TEN_PERCENT, 1_000, 0);
    log.account(8, List.of(bad(1), bad(7)));
    log.account(16, List.of(bad(8)));
    Files.writeString(file, "{\"position\":9,\"ke", StandardOpenOption.APPEND);
    BadRowLog resumed = BadRowLog.open("data.train", file, TEN_PERCENT, 1_000, 8);
    assertThat(resumed.count()).isEqualTo(2);
    assertThat(Files.readAllLines(file)).hasSize(2);
    resumed.account(16, List.of(bad(8)));
    assertThat(Files.readAllLines(file)).hasSize(3);
    assertThat(resumed.count()).isEqualTo(3);
  }

  @Test
  void startingOverEmptiesTheList() throws IOException {
    BadRowLog.open("data.train", file, TEN_PERCENT, 1_000, 0).account(8, List.of(bad(1)));
    assertThat(BadRowLog.open("data.train", file, TEN_PERCENT, 1_000, 0).count()).isZero();
    assertThat(file).isEmptyFile();
  }

  @Test
  void theShareIsJudgedOverAtLeastAnEpochOrAThousandSamples() throws IOException {
    BadRowLog small = BadRowLog.unlisted("data.validation", TEN_PERCENT, 20);
    small.account(4, List.of(bad(0), bad(1)));
    assertThatThrownBy(() -> small.account(8, List.of(bad(5))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("3 of the first 8 samples (37.5 %) cannot be read")
        .hasMessageContaining("(10 %) allows: 0.png: corrupt; 1.png: corrupt; 5.png: corrupt");
    BadRowLog large = BadRowLog.unlisted("data.validation", TEN_PERCENT, 1_000_000);
    for (int i = 0; i < 100; i++) {
      large.account(i + 1, List.of(bad(i)));
    }
    assertThatThrownBy(() -> large.account(101, List.of(bad(100))))
        .isInstanceOf(DataException.class);
  }

  @Test
  void aSampleThatComesAgainIsOneBadSample() throws IOException {
    BadRowSettings onePercent = new BadRowSettings(new Share(0.01));
    BadRowLog log = BadRowLog.unlisted("data.validation", onePercent, 206);
    log.account(206, List.of(bad(3), bad(7)));
    log.account(352, List.of(bad(3), bad(7)));
    assertThat(log.count()).isEqualTo(4);
    assertThatThrownBy(() -> log.account(412, List.of(bad(9))))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith("data.validation: 3 of the 206 samples (1.5 %) cannot be read");
  }

  /// Four ranks that each allowed a tenth of all samples would allow four tenths.
  @Test
  void aRankJudgesByWhatItSees() throws IOException {
    var share = new BatchShare(40, 1, 4);
    BadRowLog log = BadRowLog.open("data.train", file, TEN_PERCENT, 1_000_000, 0, share);
    for (int i = 0; i < 200; i++) {
      log.account(8_000, List.of(bad(i)));
    }
    assertThatThrownBy(() -> log.account(8_000, List.of(bad(200))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("201 of the first 2000 samples (10.1 %) cannot be read");
  }

  @Test
  void aLimitOfZeroStopsAtTheFirst() throws IOException {
    BadRowLog log = BadRowLog.open("data.train", file, new BadRowSettings(new Share(0)), 1_000, 0);
    assertThatThrownBy(() -> log.account(8, List.of(bad(2))))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("all are listed in " + file);
    assertThat(Files.readAllLines(file)).hasSize(1);
  }

  private static BadRow bad(long position) {
    return new BadRow(position, position + ".png", "corrupt", List.of(), Optional.of("other.png"));
  }
}
