package dev.eosin.export;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.file.FileContent;
import dev.eosin.language.graphs.GraphAnswers;
import dev.eosin.onnx.OnnxModel;
import dev.eosin.onnx.runtime.GraphSessions;
import dev.eosin.tensor.Engine;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/// A folder with the graphs of a model that answers, proven equal on questions, and what is needed
/// beside them. It appears whole or not at all.
///
/// @param family of the model
/// @param settings of the graphs
/// @param origin for the card
/// @param progress told how far it is, one line
public record AnswerBundle(
    ExportedFamily family, ClipBundle.Settings settings, Origin origin, Consumer<String> progress) {
  /// What was written.
  ///
  /// @param bytes of all graphs, weights beside them included
  /// @param notes what a user should know about the result, one line each
  public record Written(AnswerAgreement agreement, long bytes, List<String> notes) {
    public Written {
      notes = List.copyOf(notes);
    }
  }

  /// Writes, compares, and puts the folder in its place.
  ///
  /// @param out a folder to make
  /// @param replace whether what is there may be replaced
  /// @param asked questions on which model and graphs are compared
  /// @throws DataException when something is there already, the disk is too small, a question has
  ///   no room, or the graphs are not as equal as their precision allows; nothing is left then
  public Written write(Path out, boolean replace, AskedQuestions asked, Engine engine)
      throws IOException {
    for (var question : asked.questions()) {
      family.model().requireRoom(question.key(), question.text(), AnswerVerification.TOKENS);
    }
    try (StoredTensors weights = family.weights()) {
      Map<String, OnnxModel> graphs =
          family.graphs(weights, settings.opset(), settings.precision());
      try (BundleFolder folder =
          BundleFolder.begin(out, replace, settings.beside(), graphs.values())) {
        long bytes = 0;
        for (Map.Entry<String, OnnxModel> graph : graphs.entrySet()) {
          String file = file(graph.getKey());
          progress.accept("writing " + file);
          folder.graph(file, graph.getValue());
          bytes += folder.bytes(file);
        }
        AnswerAgreement agreement = agreement(folder, graphs, asked, engine);
        requireEqual(
            agreement, asked, new AnswerDrift(folder, family, weights, settings, engine, asked));
        for (Map.Entry<String, FileContent> each : family.companions().entrySet()) {
          folder.file(each.getKey(), each.getValue());
        }
        folder.triton(graphs, settings::file);
        Map<String, String> examples = new AnswerExamples(settings).of(family);
        for (Map.Entry<String, String> each : examples.entrySet()) {
          folder.text(each.getKey(), each.getValue());
        }
        folder.text("verification.json", json(agreement, asked));
        folder.text("README.md", card(graphs, agreement, asked));
        folder.commit();
        return new Written(agreement, bytes, family.model().notes());
      }
    }
  }

  private String file(String name) {
    return settings.file(name);
  }

  private AnswerAgreement agreement(
      BundleFolder folder, Map<String, OnnxModel> graphs, AskedQuestions asked, Engine engine)
      throws IOException {
    Map<String, Path> files = new LinkedHashMap<>();
    graphs.keySet().forEach(name -> files.put(name, folder.place(file(name))));
    try (GraphSessions sessions = GraphSessions.open(files, settings.threads());
        GraphAnswers both = family.opened(engine, sessions)) {
      return new AnswerVerification(progress).compare(both, asked.questions());
    }
  }

  private void requireEqual(AnswerAgreement agreement, AskedQuestions asked, AnswerDrift drift)
      throws DataException {
    Optional<String> fault = agreement.fault(settings.precision());
    if (fault.isPresent()) {
      throw new DataException(
          "%s: the %s graphs are not equal to the model on %s: %s; %s"
              .formatted(
                  family.model().path(),
                  settings.precision(),
                  asked.name(),
                  fault.get(),
                  drift.text()));
    }
  }

  private String json(AnswerAgreement agreement, AskedQuestions asked) {
    ObjectNode json = new ObjectMapper().createObjectNode();
    json.put("eosin", origin.version()).put("model", origin.model());
    json.put("precision", settings.precision().toString());
    json.put("opset", settings.opset().number());
    json.put("fingerprint", asked.fingerprint()).put("questions", agreement.questions());
    json.put("largest_difference", agreement.difference());
    json.put("least_cosine", agreement.cosine());
    json.put("tokens", agreement.tokens()).put("token_agreement", agreement.tokenAgreement());
    return json.toPrettyString() + "\n";
  }

  private String card(
      Map<String, OnnxModel> graphs, AnswerAgreement agreement, AskedQuestions asked) {
    return new AnswerCard(family, settings, origin)
        .text(graphs.keySet().stream().map(this::file).toList(), agreement, asked);
  }
}
