package dev.eosin.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.DataException;
import dev.eosin.config.Pixels;
import dev.eosin.data.Sample;
import dev.eosin.data.Source;
import dev.eosin.data.opened.Sources;
import dev.eosin.data.settings.SyntheticSettings;
import dev.eosin.data.shard.LostShardException;
import dev.eosin.data.shard.TarBytes;
import dev.eosin.image.Png;
import dev.eosin.image.formats.ImageDecoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files that vanish under a run at work, and clocks that go backwards: nothing done is lost.
class LostFilesTest {
  private static final int SHARDS = 70;
  private static final String[] NO_EVALUATION = {"evaluate=[]"};

  @TempDir Path home;

  /// Does something in the middle of a run: when it has said that it resumes.
  private static SmallRun.Notes whenResumed(Action action) {
    return new SmallRun.Notes() {
      @Override
      void told(String message) throws IOException {
        super.told(message);
        if (message.startsWith("resuming")) {
          action.run();
        }
      }
    };
  }

  private interface Action {
    void run() throws IOException;
  }

  @Test
  void shardsThatVanishInMidRunEndItAndOnceTheyAreBackItGoesOn() throws IOException {
    Path shards = Files.createDirectory(home.resolve("shards"));
    writeShards(shards);
    String[] overrides = {"data.train={type: webdataset, path: %s}".formatted(shards)};
    SmallRun whole = SmallRun.in(home);
    whole.train(overrides);
    SmallRun run = whole.copyTo(home.resolve("interrupted"));
    run.train(4, new SmallRun.Notes(), overrides);

    Path aside = home.resolve("aside");
    var notes = whenResumed(() -> Files.move(shards, aside));
    assertThatThrownBy(() -> run.train(SmallRun.TO_THE_END, notes, overrides))
        .isInstanceOf(LostShardException.class)
        .hasMessageContaining(shards.toString())
        .hasMessageEndingWith("the shard is gone; put it back, and the same command goes on");
    long reached = run.checkpointSteps().getLast();
    // Which 64 shards are still open depends on the order in which threads opened them; the first
    // epoch, which ends in the ninth step, needs the others, too.
    assertThat(reached).isEqualTo(run.lastLoggedStep()).isBetween(4L, 8L);
    assertThat(run.folder().resolve("bad-rows.jsonl")).doesNotExist();

    assertThatThrownBy(() -> run.train(overrides))
        .isInstanceOf(DataException.class)
        .hasMessageContaining(shards.toString());
    assertThat(run.checkpointSteps()).last().isEqualTo(reached);

    Files.move(aside, shards);
    run.train(overrides);
    run.assertEndedLike(whole);
  }

  /// One sample in each, more than are kept open.
  private static void writeShards(Path folder) throws IOException {
    var settings = new SyntheticSettings(SHARDS, SyntheticSettings.Split.TRAIN, new Pixels(32), 0);
    Source drawn = Sources.open(settings, new ImageDecoder());
    for (int shard = 0; shard < SHARDS; shard++) {
      Sample tile = drawn.get(shard);
      TarBytes tar =
          new TarBytes()
              .file("tile.png", Png.encode(tile.image().read().toRgb()))
              .file("tile.txt", tile.captions().getFirst().text());
      Files.write(folder.resolve("s-%02d.tar".formatted(shard)), tar.bytes());
    }
  }

  @Test
  void aRunWhoseFolderIsRemovedSavesWhatItHasAndEnds() throws IOException {
    SmallRun whole = SmallRun.in(home);
    whole.train(NO_EVALUATION);
    SmallRun run = whole.copyTo(home.resolve("removed"));
    run.train(7, new SmallRun.Notes(), NO_EVALUATION);

    var notes = whenResumed(() -> FileUtils.deleteDirectory(run.folder().toFile()));
    assertThatThrownBy(() -> run.train(SmallRun.TO_THE_END, notes, NO_EVALUATION))
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(run.folder() + ": was removed while its run was at work")
        .hasMessageContaining("step 11 was saved there: the same command goes on");
    assertThat(run.checkpointSteps()).contains(11L);

    var again = new SmallRun.Notes();
    run.train(SmallRun.TO_THE_END, again, NO_EVALUATION);
    assertThat(again.all()).contains("resuming after step 11");
    assertThat(run.newestCheckpoint().resolve("model.safetensors"))
        .hasSameBinaryContentAs(whole.newestCheckpoint().resolve("model.safetensors"));
    assertThat(run.folder().resolve("final")).exists();
  }

  /// The export is the last thing done: where it failed, it alone is done again.
  @Test
  void aLostExportIsWrittenAgainWithoutTraining() throws IOException {
    SmallRun whole = SmallRun.in(home);
    whole.train(NO_EVALUATION);
    SmallRun run = whole.copyTo(home.resolve("exported"));
    run.train(NO_EVALUATION);
    FileUtils.deleteDirectory(run.folder().resolve("final").toFile());
    FileTime saved = Files.getLastModifiedTime(run.newestCheckpoint().resolve("state.json"));

    run.train(NO_EVALUATION);

    run.assertEndedLike(whole);
    assertThat(Files.getLastModifiedTime(run.newestCheckpoint().resolve("state.json")))
        .isEqualTo(saved);
  }

  /// Files of the future, and a newest checkpoint that says it is the oldest: steps count, and no
  /// clock.
  @Test
  void aClockThatWentBackwardsChangesNothing() throws IOException {
    SmallRun whole = SmallRun.in(home);
    whole.train();
    SmallRun run = whole.copyTo(home.resolve("set-back"));
    run.train(8, new SmallRun.Notes());
    Path manifest = run.checkpoint(8).resolve("manifest.json");
    String written = Files.readString(manifest);
    String year = written.replaceFirst("(?s).*\"created\" : \"(\\d{4})-.*", "$1");
    Files.writeString(manifest, written.replace("\"" + year + "-", "\"1970-"));
    try (Stream<Path> all = Files.walk(run.folder())) {
      for (Path file : all.toList()) {
        boolean newest = file.startsWith(run.checkpoint(8));
        Instant time = Instant.parse(newest ? "1970-01-02T00:00:00Z" : "2100-01-01T00:00:00Z");
        Files.setLastModifiedTime(file, FileTime.from(time));
      }
    }
    assertThat(Files.readString(manifest)).contains("\"1970-");
    var notes = new SmallRun.Notes();
    run.train(SmallRun.TO_THE_END, notes);
    assertThat(notes.all()).contains("resuming after step 8");
    run.assertEndedLike(whole);
  }
}
