package dev.eosin.recipe.evaluated;

import dev.eosin.config.DataException;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.eval.tiles.TileFeatures;
import dev.eosin.eval.tiles.TileSet;
import dev.eosin.group.Group;
import dev.eosin.random.RandomKey;
import dev.eosin.recipe.TileEvaluationRecipe;
import dev.eosin.recipe.found.OpenedEvaluation;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// Has every model of an evaluation read the tiles.
final class TileReadings {
  private static final int SHOWN = 5;

  /// Started when the first model asks.
  private static final class OneEngine implements Supplier<Engine> {
    private final ComputeSettings compute;
    private final Group group;
    private Optional<Engine> started = Optional.empty();

    OneEngine(ComputeSettings compute, Group group) {
      this.compute = compute;
      this.group = group;
    }

    @Override
    public Engine get() {
      if (started.isEmpty()) {
        started = Optional.of(compute.start(KernelListener.NONE, group));
      }
      return started.get();
    }
  }

  private final TileEvaluationRecipe recipe;
  private final TileSet listed;
  private final SequencedMap<String, TileModel> models;
  private final Group group;

  /// @param group of ranks that share the tiles
  TileReadings(
      TileEvaluationRecipe recipe,
      TileSet listed,
      SequencedMap<String, TileModel> models,
      Group group) {
    this.group = group;
    this.recipe = recipe;
    this.listed = listed;
    this.models = models;
  }

  /// What came of it.
  ///
  /// @param set the tiles that could be read
  /// @param features by model
  /// @param inputs digests and pins by name
  /// @param failed tiles that could not be read, each with its reason
  record Read(
      TileSet set,
      SequencedMap<String, TileFeatures> features,
      SequencedMap<String, String> inputs,
      List<String> failed) {
    Read {
      failed = List.copyOf(failed);
      features = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(features));
      inputs = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(inputs));
    }
  }

  /// @return empty when it was asked to stop
  /// @throws DataException when more tiles fail than the recipe allows, or a class has none left
  Optional<Read> read(OpenedEvaluation.Watch watch) throws IOException {
    Supplier<Engine> engine = new OneEngine(recipe.compute(), group);
    List<String> prompts = TileFeatures.prompts(listed.classes(), recipe.prompts());
    SequencedMap<String, TileModel.Read> reads = new LinkedHashMap<>();
    SequencedMap<String, String> inputs = new LinkedHashMap<>();
    for (Map.Entry<String, TileModel> each : models.entrySet()) {
      String title = each.getKey();
      Optional<TileModel.Read> read = read(each.getValue(), prompts, engine, false, watch);
      if (read.isEmpty()) {
        return Optional.empty();
      }
      each.getValue().pins().forEach((pin, value) -> inputs.put(title + "." + pin, value));
      reads.put(title, read.get());
    }
    if (recipe.randomWeights() && models.firstEntry().getValue() instanceof TileModel.Embedding) {
      Optional<TileModel.Read> read =
          read(models.firstEntry().getValue(), prompts, engine, true, watch);
      if (read.isEmpty()) {
        return Optional.empty();
      }
      reads.put(read.get().features().model(), read.get());
    }
    return Optional.of(agreed(reads, inputs, watch));
  }

  private Optional<TileModel.Read> read(
      TileModel model,
      List<String> prompts,
      Supplier<Engine> engine,
      boolean untrained,
      OpenedEvaluation.Watch watch)
      throws IOException {
    return switch (model) {
      case TileModel.Kept kept -> Optional.of(kept.read(listed, prompts, engine));
      case TileModel.Embedding embedding ->
          embedding.read(
              listed,
              recipe
                  .tiles()
                  .orElseThrow(
                      () ->
                          new DataException(
                              "against: a model has to see tiles, and the features that it is compared with are stored without them; embed them by it first")),
              prompts,
              recipe.compute(),
              engine,
              untrained ? Optional.of(new RandomKey(recipe.seed())) : Optional.empty(),
              new RandomKey(recipe.seed()),
              group,
              watch);
    };
  }

  /// Leaves out what any model could not read, so that all are judged by the same tiles.
  private Read agreed(
      SequencedMap<String, TileModel.Read> reads,
      SequencedMap<String, String> inputs,
      OpenedEvaluation.Watch watch)
      throws DataException {
    SortedMap<Integer, String> failed = new TreeMap<>();
    reads.values().forEach(read -> failed.putAll(read.failed()));
    TileSet set = listed;
    if (!failed.isEmpty()) {
      set = without(failed);
      watch.progress().accept(set.notes().getLast());
      inputs.put("tiles.left_out", Integer.toString(failed.size()));
    }
    SequencedMap<String, TileFeatures> features = new LinkedHashMap<>();
    for (Map.Entry<String, TileModel.Read> each : reads.entrySet()) {
      TileFeatures kept = kept(each.getValue(), failed, set);
      features.put(each.getKey(), kept);
      inputs.put(each.getKey() + ".features.sha256", sha256(kept.vectors()));
      each.getValue()
          .seen()
          .ifPresent(digest -> inputs.put(each.getKey() + ".images.sha256", digest));
    }
    StringBuilder rows = new StringBuilder();
    set.tiles().forEach(tile -> rows.append(tile).append('\n'));
    inputs.put("tiles.sha256", sha256(rows.toString().getBytes(StandardCharsets.UTF_8)));
    inputs.put("tiles.count", Integer.toString(set.tiles().size()));
    recipe.about().ifPresent(about -> inputs.put("data.source", about.source()));
    recipe.about().ifPresent(about -> inputs.put("data.licence", about.licence()));
    List<String> reasons =
        failed.entrySet().stream()
            .map(each -> listed.tiles().get(each.getKey()).path() + ": " + each.getValue())
            .toList();
    return new Read(set, features, inputs, reasons);
  }

  private TileSet without(SortedMap<Integer, String> failed) throws DataException {
    List<String> reasons = failed.values().stream().limit(SHOWN).toList();
    String said =
        "%d of %d images cannot be read: %s"
            .formatted(failed.size(), listed.tiles().size(), String.join("; ", reasons));
    if (failed.size() > recipe.unreadable().value() * listed.tiles().size()) {
      throw new DataException(
          "%s: %s; unreadable allows %s of them: mend the files, or raise it"
              .formatted(listed.name(), said, recipe.unreadable()));
    }
    int[] kept =
        IntStream.range(0, listed.tiles().size()).filter(t -> !failed.containsKey(t)).toArray();
    return listed.only(kept, said + "; left out");
  }

  /// A reading has no vectors of what it could not read itself.
  private TileFeatures kept(
      TileModel.Read read, SortedMap<Integer, String> failed, TileSet readable) {
    List<float[]> kept = new ArrayList<>();
    int at = 0;
    for (int tile = 0; tile < listed.tiles().size(); tile++) {
      if (read.failed().containsKey(tile)) {
        continue;
      }
      float[] vector = read.features().vectors()[at++];
      if (!failed.containsKey(tile)) {
        kept.add(vector);
      }
    }
    return new TileFeatures(
        read.features().model(),
        kept.toArray(float[][]::new),
        read.features().texts(),
        read.features().tunable().map(model -> model.of(readable)));
  }

  /// Which tile is on which side, as a digest.
  String sides(ProbeSplit split, Read read) {
    StringBuilder sides = new StringBuilder();
    append(sides, "train", split.train(), read.set());
    append(sides, "validation", split.validation(), read.set());
    append(sides, "test", split.test(), read.set());
    return sha256(sides.toString().getBytes(StandardCharsets.UTF_8));
  }

  private static void append(StringBuilder to, String side, int[] rows, TileSet set) {
    for (int row : rows) {
      to.append(side).append(' ').append(set.tiles().get(row).path()).append('\n');
    }
  }

  private static String sha256(float[][] vectors) {
    MessageDigest digest = digest();
    for (float[] vector : vectors) {
      ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * vector.length);
      bytes.asFloatBuffer().put(vector);
      digest.update(bytes.array());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static String sha256(byte[] bytes) {
    return HexFormat.of().formatHex(digest().digest(bytes));
  }

  private static MessageDigest digest() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}
