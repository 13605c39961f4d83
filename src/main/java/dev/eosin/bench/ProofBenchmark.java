package dev.eosin.bench;

import dev.eosin.export.AnswerBundle;
import dev.eosin.export.AskedQuestions;
import dev.eosin.export.ClipBundle;
import dev.eosin.export.ExportedLanguage;
import dev.eosin.export.Origin;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.Opset;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Speed and memory of a language model's export with its proof: graphs are written, then model and
/// graphs are asked the same. Weights lie beside the graph, so that onnxruntime reads them through
/// a map.
///
/// @param model a folder of Hugging Face's
/// @param adapter a folder of peft's, merged
/// @param out a folder to make
/// @param questions a table of at least 512
/// @param threads of Eosin and of onnxruntime
public record ProofBenchmark(
    Path model,
    Optional<Path> adapter,
    Path out,
    GraphPrecision precision,
    Path questions,
    int threads) {
  /// Values of memory that are told.
  private static final int TOLD = 8;

  /// One line: seconds, how equal they are, and what of the process's memory no file held over the
  /// questions.
  ///
  /// @throws dev.eosin.config.DataException as [AnswerBundle#write]
  public String prove() throws IOException {
    var wanted = new StoredLanguage.Wanted(model, adapter, Optional.empty(), false);
    List<Double> held = new ArrayList<>();
    try (StoredLanguage stored = StoredLanguage.open(wanted)) {
      var bundle =
          new AnswerBundle(
              new ExportedLanguage(stored),
              new ClipBundle.Settings(precision, Opset.DEFAULT, true, threads),
              new Origin(
                  "model",
                  "bench",
                  Optional.empty(),
                  Optional.empty(),
                  Map.of(),
                  List.of(),
                  List.of()),
              line -> held.add(now()));
      long started = System.nanoTime();
      AnswerBundle.Written written =
          bundle.write(
              out,
              false,
              AskedQuestions.open(questions, false, Integer.MAX_VALUE),
              Engine.start(Device.CPU, threads));
      return new BenchmarkResult("proof")
          .text("precision", precision.toString())
          .with("written_mib", written.bytes() / 1024.0 / 1024.0)
          .with("questions", written.agreement().questions())
          .with("seconds", (System.nanoTime() - started) / 1e9)
          .text("agreement", written.agreement().text())
          .series("own_mib", some(held))
          .line();
    }
  }

  private static double now() {
    try {
      return BenchmarkResult.ownMib();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /// The first, and others at even distances up to the last.
  private static List<Double> some(List<Double> all) {
    List<Double> some = new ArrayList<>();
    for (int i = 0; i < TOLD; i++) {
      some.add(all.get(i * (all.size() - 1) / (TOLD - 1)));
    }
    return some;
  }
}
