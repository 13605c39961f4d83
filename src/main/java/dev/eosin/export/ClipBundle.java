package dev.eosin.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.Layout;
import dev.eosin.clip.Clip;
import dev.eosin.clip.ClipGraph;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.HuggingFaceConfig;
import dev.eosin.clip.spec.Preprocessing;
import dev.eosin.clip.stored.ClipWeights;
import dev.eosin.clip.stored.ModelCompanions;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.DiskSpace;
import dev.eosin.file.FileContent;
import dev.eosin.file.FileDigest;
import dev.eosin.image.Normalisation;
import dev.eosin.nn.Weight;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.text.CaptionEncoder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;

/// A folder with the graphs of a CLIP model and everything that is needed beside them. It appears
/// only once onnxruntime has shown that the graphs give what the model gives.
///
/// @param model that is exported
/// @param settings how
/// @param captions make ids of texts, as the model's text tower reads them
/// @param progress told what is done, one line
public record ClipBundle(
    StoredClip model,
    Settings settings,
    CaptionEncoder captions,
    Origin origin,
    Consumer<String> progress) {
  /// @param precision of the graphs
  /// @param opset of the graphs
  /// @param beside whether weights lie in a file beside each graph, also where one file could hold
  ///   them
  /// @param threads of onnxruntime
  public record Settings(GraphPrecision precision, Opset opset, boolean beside, int threads) {}

  /// What was written.
  ///
  /// @param bytes of the whole graph, weights beside it included
  /// @param notes what a user should know about the result, one line each
  public record Written(Agreement agreement, long bytes, List<String> notes) {
    public Written {
      notes = List.copyOf(notes);
    }
  }

  private static final long OTHER_BYTES = 32L << 20;
  private static final String IMAGE_ENCODER = "image_encoder";
  private static final String TEXT_ENCODER = "text_encoder";

  /// Writes, compares, and puts the folder in its place.
  ///
  /// @param out a folder to make
  /// @param replace whether what is there may be replaced
  /// @throws DataException when something is there already, the model's preprocessing is not known,
  ///   the disk is too small, or the graphs are not as equal as their precision allows; nothing is
  ///   left then
  public Written write(Path out, boolean replace, HeldOut heldOut, Engine engine)
      throws IOException {
    if (!replace && Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataException(out + ": is there already; --replace replaces it");
    }
    ClipSpec spec = model.requiredSpec();
    Preprocessing preprocessing = preprocessing();
    var graphs = new ClipGraph(spec, model.own(), settings.opset(), settings.precision());
    Map<String, OnnxModel> files = new LinkedHashMap<>();
    files.put(stem(), graphs.whole());
    files.put("vision_" + stem(), graphs.image());
    files.put("text_" + stem(), graphs.text());
    DiskSpace.require(
        out, files.values().stream().mapToLong(OnnxModel::weightBytes).sum() + OTHER_BYTES);
    try (AtomicFolder folder = AtomicFolder.begin(out)) {
      Map<String, FileDigest> digests = new TreeMap<>();
      for (Map.Entry<String, OnnxModel> graph : files.entrySet()) {
        progress.accept("writing onnx/%s.onnx".formatted(graph.getKey()));
        write(folder, "onnx/" + graph.getKey(), graph.getValue(), digests);
      }
      Agreement agreement = verified(folder, spec, graphs, preprocessing, heldOut, engine);
      triton(folder, spec, digests);
      List<String> notes = others(folder, spec, preprocessing, agreement, heldOut, digests);
      folder.commit();
      return new Written(agreement, bytes(digests), notes);
    }
  }

  /// Of the whole graph, with its weights.
  private long bytes(Map<String, FileDigest> digests) {
    return digests.entrySet().stream()
        .filter(file -> file.getKey().startsWith("onnx/" + stem() + ".onnx"))
        .mapToLong(file -> file.getValue().bytes())
        .sum();
  }

  private String stem() {
    return switch (settings.precision()) {
      case FP32 -> "model";
      case FP16 -> "model_fp16";
      case INT8 -> "model_int8";
    };
  }

  private Preprocessing preprocessing() throws DataException {
    return ModelCompanions.of(model)
        .preprocessing()
        .orElseThrow(
            () ->
                new DataException(
                    "%s: does not say how images are prepared, without which no graph can be used; name the folder that also has preprocessor_config.json or open_clip_config.json"
                        .formatted(model.path())));
  }

  private void write(
      AtomicFolder folder, String name, OnnxModel graph, Map<String, FileDigest> digests)
      throws DataException {
    String file = name + ".onnx";
    if (!settings.beside() && graph.fitsOneFile()) {
      digests.put(file, folder.writeWithin(file, graph.file()));
      return;
    }
    String data = file + "_data";
    String plain = data.substring(data.lastIndexOf('/') + 1);
    digests.put(file, folder.writeWithin(file, graph.fileBeside(plain)));
    digests.put(data, folder.writeWithin(data, graph.weightsFile()));
  }

  private Agreement verified(
      AtomicFolder folder,
      ClipSpec spec,
      ClipGraph graphs,
      Preprocessing preprocessing,
      HeldOut heldOut,
      Engine engine)
      throws IOException {
    try (Clip clip =
        Clip.allocate(engine, spec, DType.FLOAT32, false, Clip.fastest(engine.device()))) {
      List<String> names = Clip.weights(spec).stream().map(Weight::name).toList();
      ClipWeights.load(clip, Layout.own(names), model.own());
      var verification =
          new ClipVerification(
              clip,
              heldOut,
              captions,
              new Normalisation(preprocessing.mean(), preprocessing.std()),
              progress);
      Agreement agreement;
      try (ClipGraphs opened =
          ClipGraphs.open(
              folder.place("onnx/" + stem() + ".onnx"),
              folder.place("onnx/vision_" + stem() + ".onnx"),
              folder.place("onnx/text_" + stem() + ".onnx"),
              settings.threads())) {
        agreement = verification.compare(opened);
      }
      Optional<String> fault = agreement.fault(settings.precision());
      if (fault.isPresent()) {
        throw new DataException(
            "%s: the %s graphs are not equal to the model on %s: %s; %s"
                .formatted(
                    model.path(),
                    settings.precision(),
                    heldOut.name(),
                    fault.get(),
                    new ClipDrift(folder, graphs, clip, verification, settings.threads()).text()));
      }
      return agreement;
    }
  }

  private void triton(
      AtomicFolder folder,
      ClipSpec spec,
      Map<String, FileDigest> digests)
      throws DataException {
    encoder(folder, IMAGE_ENCODER, "onnx/vision_" + stem() + ".onnx", digests);
    encoder(folder, TEXT_ENCODER, "onnx/text_" + stem() + ".onnx", digests);
    text(folder, "triton/image_encoder/config.pbtxt", TritonConfig.image(IMAGE_ENCODER, spec), digests);
    text(folder, "triton/text_encoder/config.pbtxt", TritonConfig.text(TEXT_ENCODER, spec), digests);
  }

  /// Triton wants the graph's own name for it, and what lies beside under the name in the graph.
  private static void encoder(
      AtomicFolder folder, String name, String graph, Map<String, FileDigest> digests)
      throws DataException {
    String version = "triton/%s/1/".formatted(name);
    link(folder, version + "model.onnx", graph, digests);
    String data = graph + "_data";
    if (digests.containsKey(data)) {
      link(folder, version + data.substring(data.lastIndexOf('/') + 1), data, digests);
    }
  }

  private static void link(
      AtomicFolder folder, String name, String existing, Map<String, FileDigest> digests)
      throws DataException {
    folder.linkWithin(name, existing);
    digests.put(name, Objects.requireNonNull(digests.get(existing)));
  }

  private static void text(
      AtomicFolder folder, String name, String text, Map<String, FileDigest> digests)
      throws DataException {
    digests.put(name, folder.writeWithin(name, FileContent.text(text)));
  }

  private List<String> others(
      AtomicFolder folder,
      ClipSpec spec,
      Preprocessing preprocessing,
      Agreement agreement,
      HeldOut heldOut,
      Map<String, FileDigest> digests)
      throws IOException {
    ClipFormat format =
        HuggingFaceConfig.refusal(spec).isEmpty() ? ClipFormat.HUGGING_FACE : ClipFormat.OPEN_CLIP;
    ModelCompanions companions = ModelCompanions.of(model);
    Map<String, String> texts = new TreeMap<>(companions.configuration(format, spec));
    texts.put(
        Preprocessing.HUGGING_FACE, preprocessing.huggingFace(spec).toPrettyString() + "\n");
    texts.putAll(tokenizer(companions, format));
    var examples =
        new Examples(
            spec,
            new Normalisation(preprocessing.mean(), preprocessing.std()),
            stem(),
            captions.tokenizer().paddingId());
    texts.put("examples/zero_shot.py", examples.python());
    texts.put("examples/ZeroShot.java", examples.java());
    texts.put("verification.json", json(agreement, heldOut));
    List<String> notes = new ArrayList<>(model.notes());
    notes.addAll(companions.notes(format));
    var card =
        new ModelCard(
            origin, spec, settings.precision(), settings.opset().number(), stem());
    texts.put("README.md", card.text(agreement, heldOut, notes));
    for (Map.Entry<String, String> each : texts.entrySet()) {
      text(folder, each.getKey(), each.getValue(), digests);
    }
    folder.write("SHA256SUMS", FileContent.text(sums(digests)));
    return notes;
  }

  private Map<String, String> tokenizer(ModelCompanions companions, ClipFormat format)
      throws DataException {
    try {
      return companions.tokenizer(format);
    } catch (DataException e) {
      throw e;
    } catch (IOException e) {
      throw new DataException(
          model.path() + ": its tokenizer cannot be read: " + AtomicFile.reason(e), e);
    }
  }

  private static String sums(Map<String, FileDigest> digests) {
    StringBuilder lines = new StringBuilder();
    digests.forEach(
        (name, digest) -> lines.append("%s  %s%n".formatted(digest.sha256(), name)));
    return lines.toString();
  }

  private String json(Agreement agreement, HeldOut heldOut) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("eosin", origin.version()).put("model", origin.model());
    json.put("precision", settings.precision().toString());
    json.put("opset", settings.opset().number());
    json.put("tiles_of", heldOut.title()).put("fingerprint", heldOut.fingerprint());
    json.put("tiles", agreement.tiles()).put("tiles_unreadable", agreement.unreadable());
    json.put("texts", agreement.texts());
    json.put("largest_difference", agreement.difference());
    json.put("least_cosine", agreement.cosine());
    json.put("top1_agreement", agreement.top1Agreement());
    agreement.modelTop1().ifPresent(value -> json.put("zero_shot_top1_eosin", value));
    agreement.graphTop1().ifPresent(value -> json.put("zero_shot_top1_graph", value));
    return json.toPrettyString() + "\n";
  }
}
