package dev.eosin.bench;

import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.file.AtomicFolder;
import dev.eosin.language.graphs.LanguageGraphs;
import dev.eosin.language.stored.StoredLanguage;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Speed and memory of writing a language model's graphs, without their proof: weights are read,
/// turned and written one after the other.
///
/// @param model a folder of Hugging Face's
/// @param adapter a folder of peft's, merged while weights are written
/// @param out a folder to make
public record ExportBenchmark(
    Path model, Optional<Path> adapter, Path out, GraphPrecision precision) {
  /// One line: seconds, bytes written, memory before the first weight is read and at its peak.
  public String write() throws IOException {
    var wanted = new StoredLanguage.Wanted(model, adapter, Optional.empty(), false);
    try (StoredLanguage stored = StoredLanguage.open(wanted);
        StoredTensors weights = stored.tensors();
        AtomicFolder folder = AtomicFolder.begin(out)) {
      Map<String, OnnxModel> graphs =
          LanguageGraphs.of(stored.part(), weights, Opset.DEFAULT, precision);
      double before = BenchmarkResult.peakMib();
      long started = System.nanoTime();
      long bytes = 0;
      for (Map.Entry<String, OnnxModel> graph : graphs.entrySet()) {
        String file = graph.getKey() + ".onnx";
        bytes += folder.write(file, graph.getValue().fileBeside(file + "_data")).bytes();
        bytes += folder.write(file + "_data", graph.getValue().weightsFile()).bytes();
      }
      double seconds = (System.nanoTime() - started) / 1e9;
      folder.commit();
      return new BenchmarkResult("export")
          .text("precision", precision.toString())
          .with("written_mib", bytes / 1024.0 / 1024.0)
          .with("seconds", seconds)
          .with("mib_per_s", bytes / 1024.0 / 1024.0 / seconds)
          .with("peak_mib_before", before)
          .line();
    }
  }
}
