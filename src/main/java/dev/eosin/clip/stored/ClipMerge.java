package dev.eosin.clip.stored;

import dev.eosin.checkpoint.ElementCast;
import dev.eosin.checkpoint.FiniteWeights;
import dev.eosin.checkpoint.Finiteness;
import dev.eosin.checkpoint.LayoutReport;
import dev.eosin.checkpoint.PendingTensor;
import dev.eosin.checkpoint.StoredType;
import dev.eosin.checkpoint.TensorData;
import dev.eosin.checkpoint.TensorHeader;
import dev.eosin.clip.spec.SpecComparison;
import dev.eosin.config.DataException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/// The weighted sum of several models of one architecture, tensor by tensor, in double precision:
/// WiSE-FT's interpolation of two (Wortsman et al., CVPR 2022), the average of many (model soups,
/// Wortsman et al., ICML 2022).
///
/// @param models of one architecture, whatever their formats
/// @param shares one per model
public record ClipMerge(List<StoredClip> models, List<Double> shares) {
  public ClipMerge {
    models = List.copyOf(models);
    shares = List.copyOf(shares);
    if (models.isEmpty() || models.size() != shares.size()) {
      throw new IllegalArgumentException("as many shares as models are needed");
    }
  }

  /// The share of `weight` for the second of two models.
  public static ClipMerge interpolation(StoredClip first, StoredClip second, double weight) {
    return new ClipMerge(List.of(first, second), List.of(1 - weight, weight));
  }

  /// The plain average.
  public static ClipMerge average(List<StoredClip> models) {
    return new ClipMerge(models, models.stream().map(model -> 1.0 / models.size()).toList());
  }

  /// The merged tensors under Eosin's names, each computed when it is asked for.
  ///
  /// @param type of the result; where absent, that of the first model's tensor
  /// @throws DataException listing every tensor by which a model differs from the first, or naming
  ///   the settings in which their architectures differ
  public Map<String, PendingTensor> tensors(Optional<StoredType> type) throws DataException {
    StoredClip first = models.getFirst();
    for (StoredClip other : models.subList(1, models.size())) {
      requireAlike(first, other);
    }
    Map<String, PendingTensor> merged = new LinkedHashMap<>();
    for (String name : first.own().names()) {
      TensorHeader header = first.own().header(name);
      merged.put(
          name,
          new PendingTensor(
              type.orElse(header.type()),
              header.shape(),
              () -> sum(name, header.shape(), type.orElse(header.type()))));
    }
    return merged;
  }

  /// The model that tells the result's architecture: the first of which it is known, else the
  /// first.
  public StoredClip source() {
    return models.stream()
        .filter(model -> model.spec().isPresent())
        .findFirst()
        .orElse(models.getFirst());
  }

  private TensorData sum(String name, List<Long> shape, StoredType type) {
    try {
      List<TensorData> parts = new ArrayList<>();
      for (StoredClip model : models) {
        TensorData part = model.own().entry(name);
        if (Finiteness.of(part).fault().isPresent()) {
          FiniteWeights.of(model.own()).require(model.path());
        }
        parts.add(part);
      }
      return ElementCast.of(shape, type, index -> sum(parts, index));
    } catch (IllegalArgumentException e) {
      throw new UncheckedIOException(
          new DataException("the merged %s %s".formatted(name, e.getMessage()), e));
    } catch (DataException e) {
      throw new UncheckedIOException(e);
    }
  }

  private double sum(List<TensorData> parts, long index) {
    double sum = 0;
    for (int i = 0; i < parts.size(); i++) {
      sum += shares.get(i) * parts.get(i).floatingAt(index);
    }
    return sum;
  }

  private static void requireAlike(StoredClip first, StoredClip other) throws DataException {
    LayoutReport report = report(first, other);
    if (!report.fits()) {
      throw new DataException(
          "%s: is not of the architecture of %s:\n  it has     %s\n  the other  %s\n%s"
              .formatted(
                  other.path(),
                  first.path(),
                  other.sizes().words(),
                  first.sizes().words(),
                  report.describe()));
    }
    if (first.spec().isPresent() && other.spec().isPresent()) {
      List<String> differences = SpecComparison.differences(other.spec().get(), first.spec().get());
      if (!differences.isEmpty()) {
        throw new DataException(
            "%s: is not of the architecture of %s: %s"
                .formatted(other.path(), first.path(), String.join(", ", differences)));
      }
    }
  }

  private static LayoutReport report(StoredClip first, StoredClip other) throws DataException {
    TreeSet<String> missing = new TreeSet<>(first.own().names());
    missing.removeAll(other.own().names());
    TreeSet<String> extra = new TreeSet<>(other.own().names());
    extra.removeAll(first.own().names());
    List<LayoutReport.Misfit> misfits = new ArrayList<>();
    for (String name : first.own().names()) {
      if (missing.contains(name)) {
        continue;
      }
      List<Long> expected = first.own().header(name).shape();
      TensorHeader found = other.own().header(name);
      if (!found.shape().equals(expected)) {
        misfits.add(new LayoutReport.Misfit(name, found.shape().toString(), expected.toString()));
      }
    }
    return new LayoutReport(List.copyOf(missing), List.copyOf(extra), misfits);
  }
}
