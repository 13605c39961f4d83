package dev.eosin.bench;

import dev.eosin.clip.LossSettings;
import dev.eosin.clip.PairLoss;
import dev.eosin.clip.PairLoss.Form;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tape;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Seconds and memory of a loss with its gradients, in both forms by turns.
///
/// @param batch pairs
/// @param width of an embedding
/// @param device where it runs
/// @param threads of one CPU kernel
/// @param rounds timed, after one that is not
public record LossBenchmark(int batch, int width, Device device, int threads, int rounds) {
  /// The plain form of twice as many would need more memory than most machines have.
  private static final int MOST_PLAIN = 16_384;

  /// @param loss `contrastive` or `siglip`
  /// @throws IllegalArgumentException when there is no such loss
  public String measure(String loss) throws IOException {
    return measure(
        switch (loss) {
          case "contrastive" -> new LossSettings.Contrastive(0);
          case "siglip" -> new LossSettings.SigLip();
          default -> throw new IllegalArgumentException("no loss is named " + loss);
        });
  }

  private String measure(LossSettings settings) throws IOException {
    Engine engine = Engine.start(device, threads);
    var specs =
        List.of(
            new ParameterSet.Spec("logit-scale", new long[0], true, true),
            new ParameterSet.Spec("logit-bias", new long[0], true, true));
    try (ParameterSet set =
            ParameterSet.allocate(
                engine, specs.subList(0, settings.biased() ? 2 : 1), DType.FLOAT32);
        Tensor image = RandomFeatures.of(engine, batch, width, 0);
        Tensor text = RandomFeatures.of(engine, batch, width, 1)) {
      set.fill("logit-scale", () -> Math.log(10));
      var step = new Step(new PairLoss(settings), List.copyOf(set.all()), image, text);
      var result = new BenchmarkResult("loss");
      // The form that needs less comes first: a peak only grows.
      double before = BenchmarkResult.peakMib();
      step.run(engine, Form.ROWS);
      double gradients = 2.0 * batch * width * DType.FLOAT32.bytes() / (1 << 20);
      result.with("rows_mib_above_gradients", BenchmarkResult.peakMib() - before - gradients);
      boolean both = batch <= MOST_PLAIN;
      if (both) {
        step.run(engine, Form.PLAIN);
        result.with("plain_mib_above_gradients", BenchmarkResult.peakMib() - before - gradients);
      }
      double[] rows = new double[rounds];
      double[] ratio = new double[rounds];
      for (int round = 0; round < rounds; round++) {
        rows[round] = step.seconds(engine, Form.ROWS);
        ratio[round] = both ? step.seconds(engine, Form.PLAIN) / rows[round] : Double.NaN;
      }
      result.with("rows_s", BenchmarkResult.median(rows));
      if (both) {
        result.with("plain_over_rows", BenchmarkResult.median(ratio));
      }
      return result.settings(settings(settings)).line();
    }
  }

  private record Step(PairLoss loss, List<Parameter> logits, Tensor image, Tensor text) {
    double seconds(Engine engine, Form form) {
      long started = System.nanoTime();
      run(engine, form);
      return (System.nanoTime() - started) / 1e9;
    }

    void run(Engine engine, Form form) {
      try (Tape tape = new Tape(engine)) {
        Value x = tape.leaf(image);
        Value y = tape.leaf(text);
        Value value = loss.of(tape, logits, x, y, List.of(), form);
        tape.backward(value, (ready, gradients) -> gradients.forEach(Tensor::close));
        try (Tensor first = tape.takeGradient(x);
            Tensor second = tape.takeGradient(y);
            Tensor norm = engine.kernels().one("gradient_norm", List.of(first, second))) {
          norm.toFloat(); // waits for the device
        }
      }
    }
  }

  private Map<String, Object> settings(LossSettings loss) {
    Map<String, Object> settings = new LinkedHashMap<>();
    settings.put("loss", loss.biased() ? "siglip" : "contrastive");
    settings.put("batch", batch);
    settings.put("width", width);
    settings.put("device", device.torchName());
    settings.put("threads", threads);
    settings.put("rounds", rounds);
    return settings;
  }
}
