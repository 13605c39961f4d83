package dev.eosin.train.logs;

import com.google.protobuf.ByteString;
import dev.eosin.config.DataException;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.OptionalLong;
import org.tensorflow.proto.DataType;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;
import org.tensorflow.proto.SummaryMetadata;
import org.tensorflow.proto.TensorProto;
import org.tensorflow.proto.TensorShapeProto;

/// Writes what TensorBoard shows of a run: curves of every update and evaluation, the recipe as
/// text, tiles as images.
///
/// Each start of a run adds one event file. That of a resumed run begins with a marker which makes
/// TensorBoard forget what the earlier files say of the steps that are done again, so each curve
/// has one value per step.
public final class TensorBoardWriter implements TrainingObserver {
  private static final String FORMAT = "brain.Event:2";

  private final EventFile file;
  private final InstantSource clock;

  private TensorBoardWriter(EventFile file, InstantSource clock) {
    this.file = file;
    this.clock = clock;
  }

  /// Starts an event file.
  ///
  /// @param folder of the run's event files, made when missing
  /// @param resumedStep updates done in the restored state; empty for a run that starts, whose
  ///   earlier files, if any, are forgotten as a whole
  /// @throws DataException when the file cannot be written
  public static TensorBoardWriter open(Path folder, OptionalLong resumedStep, InstantSource clock)
      throws DataException {
    EventFile file = EventFile.create(folder, clock);
    TensorBoardWriter writer = new TensorBoardWriter(file, clock);
    writer.write(writer.event(0).setFileVersion(FORMAT));
    long firstStep = resumedStep.isPresent() ? resumedStep.getAsLong() + 1 : 0;
    writer.write(
        writer
            .event(firstStep)
            .setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START)));
    return writer;
  }

  @Override
  public void step(StepReport report) throws DataException {
    Summary.Builder summary = Summary.newBuilder();
    scalar(summary, "train/loss", report.loss());
    scalar(summary, "train/learning_rate", report.learningRate());
    scalar(summary, "train/gradient_norm", report.gradientNorm());
    report.figures().forEach((key, value) -> scalar(summary, "train/" + key, value));
    if (report.scaling() instanceof LossScaling.Dynamic scaling) {
      scalar(summary, "train/loss_scale", scaling.scale());
      scalar(summary, "train/skipped_steps", scaling.skippedSteps());
    }
    scalar(summary, "speed/images_per_s", report.imagesPerSecond());
    scalar(summary, "speed/data_wait_share", report.dataWaitShare());
    scalar(summary, "data/truncated", report.truncatedShare());
    scalar(summary, "data/sampled", report.sampledShare());
    write(event(report.step()).setSummary(summary));
  }

  @Override
  public void evaluation(EvaluationReport report) throws DataException {
    Summary.Builder summary = Summary.newBuilder();
    for (Map.Entry<String, Double> metric : report.metrics().entrySet()) {
      scalar(summary, report.name() + "/" + metric.getKey(), metric.getValue());
    }
    write(event(report.step()).setSummary(summary));
    if (report.confusion().isPresent()) {
      text(report.name() + "/confusion", report.step(), report.confusion().get().markdown());
    }
  }

  /// Notes are for people who watch; TensorBoard has no place for them.
  @Override
  public void note(String message) {}

  /// Shows a text, rendered as Markdown.
  ///
  /// @param tag such as `recipe`
  public void text(String tag, long step, String markdown) throws DataException {
    TensorProto.Builder tensor = TensorProto.newBuilder().setDtype(DataType.DT_STRING);
    tensor.setTensorShape(
        TensorShapeProto.newBuilder().addDim(TensorShapeProto.Dim.newBuilder().setSize(1)));
    tensor.addStringVal(ByteString.copyFromUtf8(markdown));
    SummaryMetadata.PluginData plugin =
        SummaryMetadata.PluginData.newBuilder().setPluginName("text").build();
    Summary.Value.Builder value =
        Summary.Value.newBuilder()
            .setTag(tag)
            .setMetadata(SummaryMetadata.newBuilder().setPluginData(plugin))
            .setTensor(tensor);
    write(event(step).setSummary(Summary.newBuilder().addValue(value)));
  }

  /// Shows an image.
  ///
  /// @param tag such as `tiles`
  public void image(String tag, long step, RgbImage image) throws DataException {
    Summary.Image.Builder encoded =
        Summary.Image.newBuilder()
            .setHeight(image.height())
            .setWidth(image.width())
            .setColorspace(3)
            .setEncodedImageString(ByteString.copyFrom(Png.encode(image)));
    Summary.Value.Builder value = Summary.Value.newBuilder().setTag(tag).setImage(encoded);
    write(event(step).setSummary(Summary.newBuilder().addValue(value)));
  }

  /// Where the events go.
  public Path file() {
    return file.path();
  }

  @Override
  public void close() throws DataException {
    file.close();
  }

  private static void scalar(Summary.Builder summary, String tag, double value) {
    summary.addValue(Summary.Value.newBuilder().setTag(tag).setSimpleValue((float) value));
  }

  private Event.Builder event(long step) {
    return Event.newBuilder().setWallTime(clock.millis() / 1e3).setStep(step);
  }

  private void write(Event.Builder event) throws DataException {
    file.append(event.build().toByteArray());
  }
}
