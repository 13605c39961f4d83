package dev.eosin.train.logs;

import dev.eosin.train.EvaluationReport;
import dev.eosin.train.LossScaling;
import dev.eosin.train.StepReport;
import dev.eosin.train.TrainingObserver;
import java.io.Flushable;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/// Tells a person how a run goes: on a terminal one line that is refreshed, elsewhere a plain line
/// every so many steps. Evaluations and notes get lines of their own.
///
/// ```
/// step 120/600  20 %  loss 1.2345  gradient 0.87  scale 14.3  lr 1.00e-03  81.3 images/s  data wait 2 %  4 min 30 s left
/// step 100  tiles  zero_shot_top1 0.8125
/// ```
///
/// Where the terminal is narrower than the line, the rate, the data wait and so on are left out;
/// the time left goes last.
///
/// `gradient` is its norm before clipping and `scale` the logit scale: where one of them runs away,
/// the loss will. With fp16 the loss scale and the skipped steps stand beside them.
///
/// Images per second and the data-wait share are averages that forget with about twenty steps; the
/// time left is what the remaining steps take at the mean speed since this start, evaluations and
/// checkpoints included.
public final class ProgressLine implements TrainingObserver {
  private static final double FORGETTING = 0.05;
  private static final long REFRESH_NANOS = 100_000_000;
  private static final String CLEAR_LINE = "\r\u001b[K";

  // Without them a line that is still wider than the terminal would wrap, and only its end be
  // overwritten.
  private static final String WRAP_OFF = "\u001b[?7l";
  private static final String WRAP_ON = "\u001b[?7h";

  private final Appendable out;
  private final boolean terminal;
  private final IntSupplier columns;
  private final UnaryOperator<String> strong;
  private final long length;
  private final long every;
  private final String rows;
  private final LongSupplier nanoTime;
  private final long firstStep;
  private final long started;

  private double secondsPerImage = Double.NaN;
  private double dataWait = Double.NaN;
  private long refreshed;
  private boolean lineOpen;

  /// @param out where lines go
  /// @param terminal whether `out` understands a carriage return
  /// @param length updates in the whole run
  /// @param every off a terminal, print each so many steps, and the last one
  /// @param firstStep updates done when this process starts
  /// @param nanoTime such as `System::nanoTime`
  public ProgressLine(
      Appendable out,
      boolean terminal,
      long length,
      long every,
      long firstStep,
      LongSupplier nanoTime) {
    this(
        out,
        terminal,
        () -> Integer.MAX_VALUE,
        UnaryOperator.identity(),
        length,
        every,
        "images",
        firstStep,
        nanoTime);
  }

  /// As above.
  ///
  /// @param columns how wide the terminal is now; asked again for each line
  /// @param strong how what an evaluation's line begins with is marked
  /// @param rows what a batch is made of, in the plural
  public ProgressLine(
      Appendable out,
      boolean terminal,
      IntSupplier columns,
      UnaryOperator<String> strong,
      long length,
      long every,
      String rows,
      long firstStep,
      LongSupplier nanoTime) {
    this.out = out;
    this.terminal = terminal;
    this.columns = columns;
    this.strong = strong;
    this.length = length;
    this.every = every;
    this.rows = rows;
    this.nanoTime = nanoTime;
    this.firstStep = firstStep;
    started = nanoTime.getAsLong();
    refreshed = started - REFRESH_NANOS;
  }

  @Override
  public void step(StepReport report) throws IOException {
    secondsPerImage = forgetting(secondsPerImage, 1 / report.imagesPerSecond());
    dataWait = forgetting(dataWait, report.dataWaitShare());
    boolean last = report.step() == length;
    if (!terminal) {
      if (last || report.step() % every == 0) {
        out.append(line(report)).append('\n');
        flush();
      }
      return;
    }
    long now = nanoTime.getAsLong();
    if (last || now - refreshed >= REFRESH_NANOS) {
      refreshed = now;
      out.append(CLEAR_LINE).append(WRAP_OFF).append(line(report)).append(WRAP_ON);
      lineOpen = true;
      if (last) {
        close();
      }
      flush();
    }
  }

  @Override
  public void evaluation(EvaluationReport report) throws IOException {
    String head = "step %d  %s".formatted(report.step(), report.name());
    String line = head + "  " + report.text();
    String wrapped = terminal ? FittedText.wrapped(line, columns.getAsInt()) : line;
    print(
        wrapped.startsWith(head) ? strong.apply(head) + wrapped.substring(head.length()) : wrapped);
  }

  @Override
  public void note(String message) throws IOException {
    print(terminal ? FittedText.wrapped(message, columns.getAsInt()) : message);
  }

  private void print(String message) throws IOException {
    if (lineOpen) {
      out.append(CLEAR_LINE);
      lineOpen = false;
    }
    out.append(message).append('\n');
    flush();
  }

  /// Ends a line that would be refreshed, so that what is printed next starts on its own.
  @Override
  public void close() throws IOException {
    if (lineOpen) {
      out.append('\n');
      lineOpen = false;
      flush();
    }
  }

  private void flush() throws IOException {
    if (out instanceof Flushable flushable) {
      flushable.flush();
    }
  }

  private String line(StepReport report) {
    List<FittedText.Part> parts =
        List.of(
            part(0, "step %d/%d", report.step(), length),
            part(3, "%d %%", 100 * report.step() / length),
            part(2, "loss %.4f", report.loss()),
            part(5, "gradient %.2f", report.gradientNorm()),
            new FittedText.Part(figures(report), 7),
            new FittedText.Part(scaling(report.scaling()), 6),
            part(9, "lr %.2e", report.learningRate()),
            part(4, "%.1f %s/s", 1 / secondsPerImage, rows),
            part(8, "data wait %.0f %%", 100 * dataWait),
            part(1, "%s left", timeLeft(report.step())));
    return FittedText.line(parts, terminal ? columns.getAsInt() : Integer.MAX_VALUE);
  }

  private static FittedText.Part part(int rank, String format, Object... values) {
    return new FittedText.Part(String.format(Locale.ROOT, format, values), rank);
  }

  private static String figures(StepReport report) {
    return report.figures().entrySet().stream()
        .map(each -> figure(each.getKey(), each.getValue()))
        .collect(Collectors.joining("  "));
  }

  private static String figure(String key, double value) {
    return key.equals("logit_scale")
        ? String.format(Locale.ROOT, "scale %.1f", value)
        : String.format(Locale.ROOT, "%s %.4f", key, value);
  }

  private static String scaling(LossScaling scaling) {
    return switch (scaling) {
      case LossScaling.None none -> "";
      case LossScaling.Dynamic dynamic ->
          String.format(
              Locale.ROOT, "loss scale %.0f  skipped %d", dynamic.scale(), dynamic.skippedSteps());
    };
  }

  private String timeLeft(long step) {
    double secondsPerStep = (nanoTime.getAsLong() - started) / 1e9 / Math.max(1, step - firstStep);
    return duration(Math.round(secondsPerStep * (length - step)));
  }

  /// Two units at most: `45 s`, `4 min 30 s`, `3 h 5 min`, `2 d 4 h`.
  static String duration(long seconds) {
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3_600) {
      return seconds / 60 + " min " + seconds % 60 + " s";
    }
    if (seconds < 86_400) {
      return seconds / 3_600 + " h " + seconds % 3_600 / 60 + " min";
    }
    return seconds / 86_400 + " d " + seconds % 86_400 / 3_600 + " h";
  }

  private static double forgetting(double average, double value) {
    return Double.isNaN(average) ? value : average + FORGETTING * (value - average);
  }
}
