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
import dev.eosin.image.transforms.Normalisation;
import dev.eosin.nn.Weight;
import dev.eosin.onnx.GraphPrecision;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.Opset;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.text.CaptionEncoder;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
  public record Settings(GraphPrecision precision, Opset opset, boolean beside, int threads) {
    /// Where a graph lies in a bundle.
    String file(String graph) {
      return "onnx/%s%s.onnx".formatted(graph, suffix());
    }

    /// What the names of graphs end in.
    String suffix() {
      return switch (precision) {
        case FP32 -> "";
        case FP16 -> "_fp16";
        case INT8 -> "_int8";
      };
    }
  }

  /// What was written.
  ///
  /// @param bytes of the whole graph, weights beside it included
  /// @param notes what a user should know about the result, one line each
  public record Written(Agreement agreement, long bytes, List<String> notes) {
    public Written {
      notes = List.copyOf(notes);
    }
  }

  private static final String VISION = "vision_";
  private static final String TEXT = "text_";

  /// Writes, compares, and puts the folder in its place.
  ///
  /// @param out a folder to make
  /// @param replace whether what is there may be replaced
  /// @throws DataException when something is there already, the model's preprocessing is not known,
  ///   the disk is too small, or the graphs are not as equal as their precision allows; nothing is
  ///   left then
  public Written write(Path out, boolean replace, HeldOut heldOut, Engine engine)
      throws IOException {
    ClipSpec spec = model.requiredSpec();
    Preprocessing preprocessing = preprocessing();
    var graphs = new ClipGraph(spec, model.own(), settings.opset(), settings.precision());
    Map<String, OnnxModel> files = new LinkedHashMap<>();
    files.put(file(""), graphs.whole());
    files.put(file(VISION), graphs.image());
    files.put(file(TEXT), graphs.text());
    try (BundleFolder folder =
        BundleFolder.begin(out, replace, settings.beside(), files.values())) {
      for (Map.Entry<String, OnnxModel> graph : files.entrySet()) {
        progress.accept("writing " + graph.getKey());
        folder.graph(graph.getKey(), graph.getValue());
      }
      Agreement agreement = verified(folder, spec, graphs, preprocessing, heldOut, engine);
      triton(folder, spec);
      List<String> notes = others(folder, spec, preprocessing, agreement, heldOut);
      folder.commit();
      return new Written(agreement, folder.bytes(file("")), notes);
    }
  }

  /// Of a graph.
  ///
  /// @param tower nothing for the whole
  private String file(String tower) {
    return "onnx/%s%s.onnx".formatted(tower, stem());
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

  private Agreement verified(
      BundleFolder folder,
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
              folder.place(file("")),
              folder.place(file(VISION)),
              folder.place(file(TEXT)),
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

  /// Triton wants its own name for a graph.
  private void triton(BundleFolder folder, ClipSpec spec) throws DataException {
    folder.second("triton/image_encoder/1/model.onnx", file(VISION));
    folder.second("triton/text_encoder/1/model.onnx", file(TEXT));
    folder.text("triton/image_encoder/config.pbtxt", TritonConfig.image("image_encoder", spec));
    folder.text("triton/text_encoder/config.pbtxt", TritonConfig.text("text_encoder", spec));
  }

  private List<String> others(
      BundleFolder folder,
      ClipSpec spec,
      Preprocessing preprocessing,
      Agreement agreement,
      HeldOut heldOut)
      throws IOException {
    ClipFormat format =
        HuggingFaceConfig.refusal(spec).isEmpty() ? ClipFormat.HUGGING_FACE : ClipFormat.OPEN_CLIP;
    ModelCompanions companions = ModelCompanions.of(model);
    Map<String, String> texts = new TreeMap<>(companions.configuration(format, spec));
    texts.put(Preprocessing.HUGGING_FACE, preprocessing.huggingFace(spec).toPrettyString() + "\n");
    texts.putAll(tokenizer(companions, format));
    var examples =
        new Examples(
            new ExamplePixels(
                spec.image().height(),
                spec.image().width(),
                new Normalisation(preprocessing.mean(), preprocessing.std()),
                Examples.RULE,
                false),
            stem(),
            spec.text().context(),
            captions.tokenizer().paddingId());
    texts.putAll(examples.files());
    texts.put("verification.json", json(agreement, heldOut));
    List<String> notes = new ArrayList<>(model.notes());
    notes.addAll(companions.notes(format));
    notes.addAll(origin.notes());
    if (spec.image().height() != spec.image().width()) {
      notes.add(
          "the input is not square: images are resized until they cover it, then cut, as"
              + " examples/zero_shot.py does and transformers does not");
    }
    var card = new ModelCard(origin, spec, settings.precision(), settings.opset().number(), stem());
    texts.put("README.md", card.text(agreement, heldOut, notes));
    for (Map.Entry<String, String> each : texts.entrySet()) {
      folder.text(each.getKey(), each.getValue());
    }
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
