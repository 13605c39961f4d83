package dev.eosin.train.logs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.eosin.image.RgbImage;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.zip.CRC32C;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog.SessionStatus;
import org.tensorflow.proto.Summary;

class TensorBoardWriterTest {
  private static final InstantSource NOON =
      InstantSource.fixed(Instant.parse("2026-01-01T12:00:00Z"));

  @TempDir Path folder;

  @Test
  void aClockThatWasSetBackPutsNoFileBeforeAnEarlierOne() throws IOException {
    InstantSource earlier = InstantSource.offset(NOON, Duration.ofHours(-5));
    try (TensorBoardWriter first = TensorBoardWriter.open(folder, OptionalLong.empty(), NOON);
        TensorBoardWriter second = TensorBoardWriter.open(folder, OptionalLong.of(3), earlier)) {
      assertThat(second.file().getFileName().toString())
          .isGreaterThan(first.file().getFileName().toString());
    }
  }

  @Test
  void anUpdateBecomesScalarsOfItsStep() throws IOException {
    Path file;
    try (TensorBoardWriter writer = TensorBoardWriter.open(folder, OptionalLong.empty(), NOON)) {
      file = writer.file();
      writer.step(
          new StepReport(
              7,
              2.5,
              0.5,
              0.75,
              Map.of("logit_scale", 14.25),
              80,
              64,
              1,
              0.25,
              0.75,
              0.125,
              new LossScaling.None(),
              Optional.empty()));
      writer.evaluation(new EvaluationReport(7, "tiles", Map.of("zero_shot_top1", 0.5)));
    }
    List<Event> events = events(file);
    assertThat(events.get(0).getFileVersion()).isEqualTo("brain.Event:2");
    assertThat(events.get(2).getStep()).isEqualTo(7);
    assertThat(events.get(2).getWallTime()).isEqualTo(NOON.millis() / 1e3);
    assertThat(events.get(2).getSummary().getValueList())
        .extracting(Summary.Value::getTag, Summary.Value::getSimpleValue)
        .containsExactly(
            tuple("train/loss", 2.5f),
            tuple("train/learning_rate", 0.5f),
            tuple("train/gradient_norm", 0.75f),
            tuple("train/logit_scale", 14.25f),
            tuple("speed/images_per_s", 80f),
            tuple("speed/data_wait_share", 0.25f),
            tuple("data/truncated", 0.75f),
            tuple("data/sampled", 0.125f));
    assertThat(events.get(3).getSummary().getValue(0).getTag()).isEqualTo("tiles/zero_shot_top1");
  }

  @Test
  void textAndTilesAreStored() throws IOException {
    Path file;
    byte[] pixels = {1, 2, 3, 4, 5, 6};
    try (TensorBoardWriter writer = TensorBoardWriter.open(folder, OptionalLong.empty(), NOON)) {
      file = writer.file();
      writer.text("recipe", 0, "kind: clip # µ");
      writer.image("tiles", 0, new RgbImage(2, 1, pixels));
    }
    Summary.Value text = events(file).get(2).getSummary().getValue(0);
    assertThat(text.getMetadata().getPluginData().getPluginName()).isEqualTo("text");
    assertThat(text.getTensor().getStringVal(0).toStringUtf8()).isEqualTo("kind: clip # µ");
    Summary.Image image = events(file).get(3).getSummary().getValue(0).getImage();
    assertThat(image.getWidth()).isEqualTo(2);
    assertThat(image.getHeight()).isEqualTo(1);
    byte[] png = image.getEncodedImageString().toByteArray();
    assertThat(ImageIO.read(new ByteArrayInputStream(png)).getRGB(1, 0)).isEqualTo(0xFF040506);
  }

  @Test
  void aResumedRunMarksTheStepsThatAreDoneAgain() throws IOException {
    TensorBoardWriter.open(folder, OptionalLong.empty(), NOON).close();
    TensorBoardWriter resumed = TensorBoardWriter.open(folder, OptionalLong.of(40), NOON);
    resumed.close();
    Event marker = events(resumed.file()).get(1);
    assertThat(marker.getSessionLog().getStatus()).isEqualTo(SessionStatus.START);
    assertThat(marker.getStep()).isEqualTo(41);
  }

  @Test
  void filesSortInTheOrderOfTheStartsThoughTheClockGoesBackwards() throws IOException {
    List<Path> started = new ArrayList<>();
    for (String time :
        List.of("2026-01-01T12:00:00Z", "2026-01-01T12:00:00Z", "2020-01-01T00:00:00Z")) {
      InstantSource clock = InstantSource.fixed(Instant.parse(time));
      TensorBoardWriter writer = TensorBoardWriter.open(folder, OptionalLong.of(1), clock);
      started.add(writer.file());
      writer.close();
    }
    assertThat(started).isSorted().doesNotHaveDuplicates();
  }

  /// Reads records as TensorBoard does, checksums included.
  private static List<Event> events(Path file) throws IOException {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
    List<Event> events = new ArrayList<>();
    while (bytes.hasRemaining()) {
      byte[] length = take(bytes, 8);
      assertThat(bytes.getInt()).isEqualTo(masked(length));
      byte[] content =
          take(bytes, (int) ByteBuffer.wrap(length).order(ByteOrder.LITTLE_ENDIAN).getLong());
      assertThat(bytes.getInt()).isEqualTo(masked(content));
      events.add(Event.parseFrom(content));
    }
    return events;
  }

  private static byte[] take(ByteBuffer from, int count) {
    byte[] taken = new byte[count];
    from.get(taken);
    return Arrays.copyOf(taken, count);
  }

  private static int masked(byte[] bytes) {
    CRC32C checksum = new CRC32C();
    checksum.update(bytes);
    long crc = checksum.getValue();
    return (int) (((crc >>> 15) | (crc << 17)) + 0xa282ead8L);
  }
}
