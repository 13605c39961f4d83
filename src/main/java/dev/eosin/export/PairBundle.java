package dev.eosin.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.clip.ClipGraph;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Consumer;

/// A folder with the graphs of a model that draws images and texts together and judges pairs,
/// proven equal on tiles, and what is needed beside them. It appears whole or not at all.
///
/// @param family of the model
/// @param settings of the graphs
/// @param origin for the card
/// @param progress told how far it is, one line
public record PairBundle(
    ExportedPairs family, ClipBundle.Settings settings, Origin origin, Consumer<String> progress) {
  private static final int DRIFT_TILES = 8;
  // Axes of pixels.
  private static final int HEIGHT = 2;
  private static final int WIDTH = 3;

  /// Writes, compares, and puts the folder in its place.
  ///
  /// @param out a folder to make
  /// @param replace whether what is there may be replaced
  /// @throws DataException when something is there already, the disk is too small, or the graphs
  ///   are not as equal as their precision allows; nothing is left then
  public ClipBundle.Written write(Path out, boolean replace, HeldOut heldOut, Engine engine)
      throws IOException {
    try (StoredTensors weights = family.weights()) {
      Map<String, OnnxModel> graphs =
          family.graphs(weights, settings.opset(), settings.precision());
      try (BundleFolder folder =
          BundleFolder.begin(out, replace, settings.beside(), graphs.values())) {
        long bytes = 0;
        Map<String, Path> files = new LinkedHashMap<>();
        for (Map.Entry<String, OnnxModel> graph : graphs.entrySet()) {
          String file = settings.file(graph.getKey());
          progress.accept("writing " + file);
          folder.graph(file, graph.getValue());
          bytes += folder.bytes(file);
          files.put(graph.getKey(), folder.place(file));
        }
        var drift =
            new GraphDrift(
                folder, settings, precision -> family.graphs(weights, settings.opset(), precision));
        Agreement agreement = verified(files, drift, heldOut, engine);
        for (Map.Entry<String, FileContent> each : family.companions().entrySet()) {
          folder.file(each.getKey(), each.getValue());
        }
        folder.triton(graphs, settings::file);
        for (Map.Entry<String, String> each : examples(graphs).files().entrySet()) {
          folder.text(each.getKey(), each.getValue());
        }
        folder.text("verification.json", json(agreement, heldOut));
        folder.text("README.md", new PairCard(family, settings, origin).text(agreement, heldOut));
        folder.commit();
        return new ClipBundle.Written(agreement, bytes, family.notes());
      }
    }
  }

  private Examples examples(Map<String, OnnxModel> graphs) {
    OnnxModel whole = Objects.requireNonNull(graphs.get(ExportedPairs.WHOLE));
    List<Long> pixels =
        whole.takes().stream()
            .filter(port -> port.name().equals(ClipGraph.PIXELS))
            .findFirst()
            .orElseThrow()
            .dimensions();
    return new Examples(
        new ExamplePixels(
            Math.toIntExact(pixels.get(HEIGHT)),
            Math.toIntExact(pixels.get(WIDTH)),
            family.normalisation(),
            Examples.RULE,
            false),
        ExportedPairs.WHOLE + settings.suffix(),
        family.captions().contextLength(),
        family.captions().tokenizer().paddingId());
  }

  private Agreement verified(
      Map<String, Path> files, GraphDrift drift, HeldOut heldOut, Engine engine)
      throws IOException {
    try (ExportedPairs.Opened model = family.opened(engine)) {
      var verification = new PairVerification(family, model, heldOut, progress);
      Agreement agreement;
      try (GraphSessions sessions = GraphSessions.open(files, settings.threads())) {
        agreement = verification.compare(sessions);
      }
      Optional<String> fault = agreement.fault(settings.precision());
      if (fault.isPresent()) {
        throw new DataException(
            "%s: the %s graphs are not equal to the model on %s: %s; %s"
                .formatted(
                    family.path(),
                    settings.precision(),
                    heldOut.name(),
                    fault.get(),
                    worst(drift, verification, heldOut, engine)));
      }
      return agreement;
    }
  }

  private String worst(
      GraphDrift drift, PairVerification verification, HeldOut heldOut, Engine engine) {
    try {
      List<BlockDrift.Block> blocks =
          settings.precision() == GraphPrecision.FP32
              ? drift.ofModel(
                  engine, false, new PairVerification.Asking(family, heldOut, DRIFT_TILES))
              : drift.blocks(sessions -> verification.first(sessions, DRIFT_TILES));
      return new BlockDrift(blocks)
          .worst()
          .map(BlockDrift::text)
          .orElse("no block could be compared");
    } catch (IOException e) {
      return "its blocks could not be compared: " + AtomicFile.reason(e);
    }
  }

  private String json(Agreement agreement, HeldOut heldOut) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("eosin", origin.version()).put("model", origin.model());
    json.put("precision", settings.precision().toString());
    json.put("opset", settings.opset().number());
    json.put("tiles_of", heldOut.title()).put("fingerprint", heldOut.fingerprint());
    agreement.write(json);
    return json.toPrettyString() + "\n";
  }
}
