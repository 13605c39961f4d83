package dev.eosin.vllm;

import dev.eosin.data.batches.Batch;
import dev.eosin.data.batches.BatchImages;
import dev.eosin.data.batches.Tokens;
import dev.eosin.language.rows.RowParts;
import dev.eosin.language.rows.RowPlan;
import dev.eosin.language.rows.TokenRows;
import dev.eosin.nn.AdapterDropout;
import dev.eosin.nn.BlockExecution;
import dev.eosin.nn.Pass;
import dev.eosin.random.RandomKey;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.GradientSink;
import dev.eosin.tensor.Graph;
import dev.eosin.tensor.ParameterSet;
import dev.eosin.tensor.ScalarReads;
import dev.eosin.tensor.Scope;
import dev.eosin.tensor.Tensor;
import dev.eosin.tensor.Value;
import dev.eosin.train.Learner;
import dev.eosin.train.LossRange;
import dev.eosin.train.StepLosses;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoubleSupplier;

/// A model of images and text that learns what is said about images: the mean cross entropy of all
/// tokens that are asked for, each of which counts the same whichever row of the update it stands
/// in.
///
/// @param model with its adapters
/// @param parameters its weights, closed with the learner
/// @param compute the type of the weights that are trained
/// @param execution how blocks are computed
/// @param key of the run: what adapters' dropout draws from
/// @param plan which rows go through the model together
/// @param input makes bytes into what the model takes; closed with the learner
/// @param imageId stands in the images' places
public record VisionLanguageLearner(
    VisionLanguage model,
    ParameterSet parameters,
    DType compute,
    BlockExecution execution,
    RandomKey key,
    RowPlan plan,
    ImageInput input,
    int imageId)
    implements Learner {
  @Override
  public double weight(Batch batch) {
    return TokenRows.of(batch.tokens(ConversationRows.TEXT), 0, batch.size()).asked();
  }

  @Override
  public void differentiate(
      Batch batch, double weight, double scale, StepLosses losses, GradientSink sink) {
    inParts().differentiate(batch, weight, scale, losses, sink);
  }

  private RowParts inParts() {
    return new RowParts(parameters.engine(), plan, ConversationRows.TEXT, this::loss);
  }

  @Override
  public double measure(Batch batch) {
    return sum(batch) / Math.max(1, weight(batch));
  }

  /// The summed cross entropy of a batch.
  public double sum(Batch batch) {
    return inParts().sum(batch);
  }

  private Optional<Value> loss(
      Graph graph, Scope scope, Batch batch, int from, int to, double weight, boolean training) {
    TokenRows plain = plan.rows(batch.tokens(ConversationRows.TEXT), from, to);
    TokenRows rows = ConversationRows.texts(batch, from, to).map(plain::branched).orElse(plain);
    if (rows.asked() == 0) {
      return Optional.empty();
    }
    int[][] shown = shown(batch, from, to);
    SeenRows seen = SeenRows.of(rows, imageId, shown[WHOLE].length, model.tokensOfImage());
    Pass pass = pass(graph, batch, from, to, training);
    return model.loss(pass, scope, seen, pictures(scope, batch.images(), shown), weight);
  }

  private static final int WHOLE = 0;
  private static final int TILE = 1;
  private static final int COUNTS = 2;

  /// Which of the batch's images are whole ones and which are tiles, and how many tiles each whole
  /// one has.
  private int[][] shown(Batch batch, int from, int to) {
    List<Integer> whole = new ArrayList<>();
    List<Integer> tiles = new ArrayList<>();
    List<Integer> counts = new ArrayList<>();
    for (int row = from; row < to; row++) {
      int end = batch.images().before(row + 1);
      int image = 0;
      for (int at = batch.images().before(row); at < end; image++) {
        whole.add(at++);
        if (model.projector() instanceof TileConnector) {
          int count = count(batch.tokens(ConversationRows.TILES), row, image);
          for (int tile = 0; tile < count; tile++) {
            tiles.add(at++);
          }
          counts.add(count);
        }
      }
    }
    return new int[][] {ints(whole), ints(tiles), ints(counts)};
  }

  private static int count(Tokens tiles, int row, int image) {
    return tiles.ids()[row * tiles.width() + image];
  }

  private static int[] ints(List<Integer> values) {
    return values.stream().mapToInt(Integer::intValue).toArray();
  }

  private Optional<Pictures> pictures(Scope scope, BatchImages images, int[][] shown) {
    if (shown[WHOLE].length == 0) {
      return Optional.empty();
    }
    Tensor whole = pixels(scope, images, shown[WHOLE]);
    return Optional.of(
        switch (model.projector()) {
          case LinearProjector _ -> new Pictures.Whole(whole);
          case TileConnector _ ->
              new Pictures.Tiled(whole, pixels(scope, images, shown[TILE]), shown[COUNTS]);
        });
  }

  private Tensor pixels(Scope scope, BatchImages images, int[] which) {
    return scope.own(input.chosen(images, which));
  }

  private Pass pass(Graph graph, Batch batch, int from, int to, boolean training) {
    Optional<AdapterDropout> dropout =
        training ? Optional.of(RowParts.dropout(key, batch, from, to)) : Optional.empty();
    return new Pass(graph, parameters, execution.dropping(dropout));
  }

  /// Between a model that knows the rows by heart and one that guesses among all ids; rows that are
  /// alike in what precedes a token and differ in it can keep it above.
  @Override
  public LossRange range(Batch batch) {
    return new LossRange(0, Math.log(model.decoder().spec().vocabulary()), 0);
  }

  @Override
  public void updated(long update) {}

  @Override
  public Map<String, DoubleSupplier> figures(ScalarReads reads) {
    return Map.of();
  }

  @Override
  public void close() {
    input.close();
    parameters.close();
  }
}
