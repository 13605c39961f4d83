package dev.eosin.clip.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.LayoutReport;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredTensors;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.clip.Clip;
import dev.eosin.clip.spec.ClipFormat;
import dev.eosin.clip.spec.ClipLayouts;
import dev.eosin.clip.spec.ClipSizes;
import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.Logits;
import dev.eosin.config.DataException;
import dev.eosin.nn.InitialValue;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Weight;
import dev.eosin.tensor.Parameter;
import dev.eosin.tensor.Tensor;
import dev.eosin.tower.BertText;
import dev.eosin.tower.Causal;
import dev.eosin.tower.ImageSpec;
import dev.eosin.tower.TextSpec;
import dev.eosin.tower.TimmImage;
import dev.eosin.tower.TowerNames;
import dev.eosin.tower.Vit;
import dev.eosin.train.StoredWeights;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;

/// Moves weights between a [Clip] and stored tensors of any [Layout].
public final class ClipWeights {
  private ClipWeights() {}

  /// Fills every parameter but adapters from a file.
  ///
  /// @throws DataException listing every missing, unknown and misfitting tensor, or those with
  ///   numbers that are not finite
  public static void load(Clip clip, Layout layout, StoredTensors file) throws DataException {
    StoredWeights.fill(clip.parameters(), layout, file, Set.copyOf(clip.adapterNames()));
  }

  /// As [#load], for the first weights of a run: where the model has a logit bias and the file has
  /// none, logit scale and bias start as in a new model. The scale of a contrastive loss would
  /// saturate the sigmoid loss of nearly every pair.
  ///
  /// @param elsewhere names of weights that are not in the file and stay as they are
  /// @return whether that was done
  /// @throws DataException listing every missing, unknown and misfitting tensor
  static boolean loadFirst(Clip clip, Layout layout, StoredTensors file, Set<String> elsewhere)
      throws DataException {
    var without = new HashSet<>(clip.adapterNames());
    without.addAll(elsewhere);
    boolean begins = lacksLogitBias(clip.spec(), layout, file);
    if (begins) {
      without.add(Clip.LOGIT_BIAS);
    }
    StoredWeights.fill(clip.parameters(), layout, file, without);
    if (!begins) {
      return false;
    }
    for (Weight weight : new Logits(clip.spec().logitBias()).weights()) {
      double value = ((InitialValue.Constant) weight.initial()).value();
      clip.parameters().fill(weight.name(), () -> value);
    }
    return true;
  }

  /// Whether the model has a logit bias and the file has none.
  static boolean lacksLogitBias(ClipSpec spec, Layout layout, StoredTensors file) {
    return spec.logitBias()
        && layout.rules().stream()
            .filter(rule -> rule.name().equals(Clip.LOGIT_BIAS))
            .noneMatch(rule -> file.names().containsAll(rule.foreignNames()));
  }

  /// Compares a file's tensors with an architecture by name and shape, as [#loadFirst] takes them;
  /// reads no values.
  ///
  /// @throws OtherArchitecture when the file's sizes are those of another model
  /// @throws DataException listing every missing, unknown and misfitting tensor
  public static void check(ClipSpec spec, Layout layout, StoredTensors file) throws DataException {
    var shapes = new LinkedHashMap<String, List<Long>>();
    for (Weight weight : Clip.weights(spec)) {
      shapes.put(weight.name(), StoredWeights.boxed(weight.shape()));
    }
    if (lacksLogitBias(spec, layout, file)) {
      shapes.remove(Clip.LOGIT_BIAS);
    }
    LayoutReport report = layout.check(file, shapes);
    Optional<String> theirs = report.fits() ? Optional.empty() : sizes(layout, file);
    if (theirs.isPresent() && !theirs.get().equals(ClipSizes.words(spec))) {
      throw new OtherArchitecture(
          "%s: is of another architecture than the model:\n  it has     %s\n  the model  %s\n%s"
              .formatted(file.path(), theirs.get(), ClipSizes.words(spec), report.describe()));
    }
    layout.read(file, shapes);
  }

  /// What a file's shapes tell of its architecture; nothing where it is no whole model.
  private static Optional<String> sizes(Layout layout, StoredTensors file) {
    try {
      StoredTensors own = layout.read(file, Map.of());
      return ClipFormat.EOSIN.towers(own.names()).isPresent()
          ? Optional.of(ClipSizes.of(own).words())
          : Optional.empty();
    } catch (DataException incomplete) {
      return Optional.empty();
    }
  }

  /// The fp32 masters under Eosin's names, adapters merged into the weights that they adapt; views
  /// of the parameters' memory where that is the CPU's and nothing is merged.
  public static Map<String, PendingTensor> tensors(Clip clip) {
    var tensors = new LinkedHashMap<String, PendingTensor>();
    Set<String> adapters = Set.copyOf(clip.adapterNames());
    for (Parameter parameter : clip.parameters().all()) {
      String name = parameter.name();
      if (!adapters.contains(name)) {
        OptionalDouble scale = clip.adapterScale(name);
        tensors.put(
            name,
            new PendingTensor(
                StoredType.F32,
                StoredWeights.boxed(parameter.master().shape()),
                () ->
                    scale.isPresent()
                        ? merged(clip, parameter, scale.getAsDouble())
                        : TensorData.of(parameter.master())));
      }
    }
    return tensors;
  }

  private static TensorData merged(Clip clip, Parameter weight, double scale) {
    Tensor a = clip.parameters().get(LowRank.down(weight.name())).master();
    Tensor b = clip.parameters().get(LowRank.up(weight.name())).master();
    try (Tensor sum = clip.engine().kernels().one("merged", weight.master(), a, b, scale)) {
      return TensorData.of(sum.toFloats(), sum.shape());
    }
  }

  /// The layout of open_clip files for an architecture.
  public static Layout openClip(ClipSpec spec) {
    return ClipFormat.OPEN_CLIP.layout(names(spec));
  }

  /// The layout of Hugging Face CLIPModel files for an architecture.
  public static Layout huggingFace(ClipSpec spec) {
    return ClipLayouts.huggingFaceClip(spec.image().layers(), spec.text().layers());
  }

  /// Eosin's own layout for an architecture.
  public static Layout eosin(ClipSpec spec) {
    return ClipFormat.EOSIN.layout(names(spec));
  }

  /// What of an architecture decides the names of its tensors.
  static TowerNames names(ClipSpec spec) {
    return new TowerNames(names(spec.image()), names(spec.text()));
  }

  private static TowerNames.Image names(ImageSpec image) {
    return switch (image) {
      case Vit vit -> new TowerNames.Vit(vit.layers());
      case TimmImage timm ->
          new TowerNames.Timm(
              timm.layers(),
              timm.trunk().registers() > 0,
              timm.trunk().layerScale().isPresent(),
              timm.pool() == TimmImage.Pool.MEAN_THEN_NORM,
              timm.projection().matrices(),
              timm.projectionBias());
    };
  }

  private static TowerNames.Text names(TextSpec text) {
    return switch (text) {
      case Causal causal -> new TowerNames.Causal(causal.layers());
      case BertText bert ->
          new TowerNames.Bert(
              bert.layers(), bert.pool() == BertText.Pool.POOLER, bert.projection().matrices());
    };
  }
}
