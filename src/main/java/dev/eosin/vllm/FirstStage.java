package dev.eosin.vllm;

import dev.eosin.checkpoint.Checkpoint;
import dev.eosin.checkpoint.CheckpointStore;
import dev.eosin.checkpoint.SafetensorsFile;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.config.DataException;
import dev.eosin.language.Adapters;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.Tensor;
import dev.eosin.train.TrainingCheckpoint;
import dev.eosin.train.WeightsPart;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/// What an earlier stage trained, taken for the first weights of this one. Nothing in its folder is
/// changed.
///
/// @param settings that name it
/// @param checkpoint its newest sound one
public record FirstStage(FirstStageSettings settings, Checkpoint checkpoint) {
  /// Finds the run's newest sound checkpoint.
  ///
  /// @throws DataException when there is none
  public static FirstStage open(FirstStageSettings settings) throws DataException {
    CheckpointStore.Recovery found =
        new CheckpointStore(settings.run().resolve("checkpoints"), 1, "")
            .newestSound(Checkpoint.Use.MODEL);
    Optional<Checkpoint> newest = found.checkpoint();
    if (newest.isEmpty()) {
      throw new DataException(
          "%s: has no sound checkpoint to start from; initialise-from names a run folder of kind: vllm%s"
              .formatted(
                  settings.run(),
                  found.rejected().isEmpty() ? "" : ": " + String.join("; ", found.rejected())));
    }
    return new FirstStage(settings, newest.get());
  }

  /// Whether it trained something beside which words matter: adapters, or the language model.
  private static boolean trainedWords(StoredTensors file) {
    return file.names().stream().anyMatch(name -> name.startsWith(VisionLanguage.DECODER + "."));
  }

  /// Compares what its training depended on with this run's.
  ///
  /// @param ours pins of this run by their keys
  /// @param template key of the pin of the template, which may change as long as the language model
  ///   did not learn it
  /// @throws DataException naming what is another
  public void require(Map<String, String> ours, String template) throws DataException {
    Map<String, String> theirs = checkpoint.state().more();
    for (Map.Entry<String, String> pin : ours.entrySet()) {
      String found = theirs.get(pin.getKey());
      if (found != null && !found.equals(pin.getValue()) && !pin.getKey().equals(template)) {
        throw new DataException(
            "%s: was trained beside other weights than this recipe's: %s is %s there and %s here; name the same image tower and language model, or leave initialise-from out"
                .formatted(settings.run(), pin.getKey(), found, pin.getValue()));
      }
    }
    try (StoredTensors file = weights()) {
      String before = theirs.get(template);
      String now = ours.get(template);
      if (before != null && !before.equals(now) && trainedWords(file)) {
        throw new DataException(
            "%s: its language model learned the chat template %s, and text.template is %s: two templates would be mixed; take the same"
                .formatted(settings.run(), before, now));
      }
    }
  }

  private StoredTensors weights() throws DataException {
    return switch (settings.part()) {
      case WEIGHTS -> checkpoint.model();
      case AVERAGE -> {
        Path file = checkpoint.file(TrainingCheckpoint.AVERAGE);
        if (!Files.exists(file)) {
          throw new DataException(
              "%s: that run kept no average; take part: weights".formatted(settings.run()));
        }
        yield SafetensorsFile.open(file);
      }
    };
  }

  /// Compares names and shapes with what this run trains.
  ///
  /// @param shapes of everything that this run allocates, by name
  /// @throws DataException listing what has no place here, or another shape
  public void check(Map<String, List<Long>> shapes) throws DataException {
    try (StoredTensors file = weights()) {
      List<String> misfits = new ArrayList<>();
      for (String name : file.names()) {
        if (!file.header(name).shape().equals(shapes.get(name))) {
          misfits.add(name);
        }
      }
      if (!misfits.isEmpty()) {
        throw new DataException(misfit(file, misfits, shapes));
      }
    }
  }

  private String misfit(StoredTensors file, List<String> misfits, Map<String, List<Long>> shapes)
      throws DataException {
    String name = misfits.getFirst();
    List<Long> here = shapes.get(name);
    String why =
        here != null
            ? "%s is %s there and %s here".formatted(name, file.header(name).shape(), here)
            : "%s was trained there and has no place here".formatted(name);
    String mend =
        Adapters.isAdapter(name)
            ? "keep lora as it was in that run"
            : "train the same parts, or leave initialise-from out";
    return "%s: %d of its %d tensors do not fit this recipe: %s; %s"
        .formatted(settings.run(), misfits.size(), file.names().size(), why, mend);
  }

  /// Writes what it trained into parameters; what it did not train stays as it is.
  ///
  /// @return a line for the user
  /// @throws DataException as [#check]
  public String fill(ParameterSet parameters) throws DataException {
    Map<String, List<Long>> shapes = new LinkedHashMap<>();
    for (Parameter parameter : parameters.saved()) {
      shapes.put(parameter.name(), Arrays.stream(parameter.data().shape()).boxed().toList());
    }
    check(shapes);
    try (StoredTensors file = weights()) {
      for (String name : file.names()) {
        long[] shape = parameters.get(name).data().shape();
        try (Tensor values = parameters.engine().of(file.floats(name), shape)) {
          parameters.assign(name, values);
        }
      }
      return "the first weights of %s are %s of step %d of %s"
          .formatted(
              parts(file),
              settings.part() == WeightsPart.AVERAGE ? "the average" : "those",
              checkpoint.state().step(),
              settings.run());
    }
  }

  private static String parts(StoredTensors file) {
    return file.names().stream()
        .map(name -> Adapters.isAdapter(name) ? "adapters" : name.substring(0, name.indexOf('.')))
        .distinct()
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
