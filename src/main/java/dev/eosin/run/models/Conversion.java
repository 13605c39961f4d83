package dev.eosin.run.models;

import dev.eosin.checkpoint.FiniteWeights;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.clip.stored.ClipMerge;
import dev.eosin.clip.stored.ModelTarget;
import dev.eosin.clip.stored.StoredClip;
import dev.eosin.config.DataException;
import dev.eosin.qformer.QFormerFolder;
import dev.eosin.train.WeightsPart;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;

/// Writes stored models anew: in another layout, or several as one.
///
/// @param part of a run; others have weights only
/// @param architecture where the weights do not say it
/// @param out a folder to make, or with `*.safetensors` a file of tensors alone
/// @param type to round to; as it is otherwise
/// @param replace whether what is at `out` may be replaced
public record Conversion(
    WeightsPart part,
    NamedArchitecture architecture,
    Path out,
    Optional<StoredType> type,
    boolean replace) {
  /// What was written.
  ///
  /// @param from the layout that was read, for a person
  /// @param to the layout that was written
  /// @param notes what a user should know about the result, one line each
  public record Written(String from, String to, List<String> notes) {
    public Written {
      notes = List.copyOf(notes);
    }
  }

  /// Writes a model in another layout.
  ///
  /// @throws dev.eosin.config.DataException when it cannot be read, or not be written so
  public Written convert(Path in, WeightLayout to) throws IOException {
    if (QFormerFolder.is(in)) {
      return qformer(in, to);
    }
    try (StoredClip model = StoredModels.open(in, part, architecture.spec())) {
      Map<String, PendingTensor> tensors = new LinkedHashMap<>();
      var numbers = new FiniteWeights();
      for (String name : model.own().names()) {
        StoredType stored = type.orElse(model.own().header(name).type());
        tensors.put(
            name, numbers.looking(name, model.own(), PendingTensor.of(model.own(), name, stored)));
      }
      var target = new ModelTarget(out, to.format(), replace);
      target.requireOutside(in);
      List<String> notes = new ArrayList<>(model.notes());
      notes.addAll(target.write(tensors, model));
      numbers.report().ifPresent(report -> notes.add("%s: %s".formatted(in, report)));
      return new Written(model.format().title(), to.format().title(), notes);
    }
  }

  private Written qformer(Path in, WeightLayout to) throws IOException {
    if (to != WeightLayout.HUGGING_FACE) {
      throw new DataException(
          "%s: is a model with a Q-Former; it is written with --to hugging-face".formatted(in));
    }
    List<String> notes = new QFormerConversion(out, type, replace).convert(in);
    return new Written("a model with a Q-Former", "a whole folder of transformers", notes);
  }

  /// Writes one model made of several of one architecture.
  ///
  /// @param weight of the second of two models, the first having the rest; the mean of all where
  ///   there is none
  /// @param to the first model's layout where there is none
  /// @throws dev.eosin.config.DataException when one cannot be read, or they do not fit each other
  public Written merge(List<Path> paths, OptionalDouble weight, Optional<WeightLayout> to)
      throws IOException {
    List<StoredClip> models = new ArrayList<>();
    try {
      for (Path path : paths) {
        models.add(StoredModels.open(path, part, architecture.spec()));
      }
      ClipMerge merge =
          weight.isPresent()
              ? ClipMerge.interpolation(models.get(0), models.get(1), weight.getAsDouble())
              : ClipMerge.average(models);
      StoredClip first = models.getFirst();
      WeightLayout layout = to.orElse(WeightLayout.like(first.format()));
      var target = new ModelTarget(out, layout.format(), replace);
      for (Path path : paths) {
        target.requireOutside(path);
      }
      List<String> notes = new ArrayList<>();
      for (StoredClip model : models) {
        notes.addAll(model.notes());
      }
      notes.addAll(target.write(merge.tensors(type), merge.source()));
      return new Written(first.format().title(), layout.format().title(), notes);
    } finally {
      models.forEach(StoredClip::close);
    }
  }
}
