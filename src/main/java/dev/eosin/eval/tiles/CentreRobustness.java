package dev.eosin.eval.tiles;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.eval.probes.Figures;
import dev.eosin.eval.probes.NearestNeighbours;
import dev.eosin.eval.probes.ProbeSplit;
import dev.eosin.random.RandomKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/// How robust features are to the centre that tiles come from: PathoROB's index
/// (bifold-pathomics/PathoROB 46594e9, `robustness_index_utils.py`). The query's slide is left out
/// of its neighbours there, too, and cosines order them as distances of vectors of length 1 do. 1:
/// class alone decides who is near; 0: centre alone.
///
/// @param classes neighbours of each tile of its class and another centre [n]
/// @param centres neighbours of each tile of another class and its centre [n]
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
record CentreRobustness(int[] classes, int[] centres) implements Figures {
  static TaskResult run(TileTask.Centres task, TileSet set, TileFeatures features, RandomKey key) {
    List<ProbeSplit.Row> tiles = set.tiles();
    int[] all = IntStream.range(0, tiles.size()).toArray();
    double[][] vectors = TileSides.vectors(features.vectors(), all);
    int[] groups = groups(tiles);
    int[][] nearest =
        new NearestNeighbours(vectors, set.truth(), set.classes().size())
            .places(vectors, groups, groups, task.k());
    int[] sameClass = new int[all.length];
    int[] sameCentre = new int[all.length];
    for (int tile : all) {
      ProbeSplit.Row own = tiles.get(tile);
      for (int place : nearest[tile]) {
        ProbeSplit.Row other = tiles.get(place);
        boolean label = own.label().equals(other.label());
        boolean centre = own.centre().equals(other.centre());
        sameClass[tile] += label && !centre ? 1 : 0;
        sameCentre[tile] += !label && centre ? 1 : 0;
      }
    }
    var figures = new CentreRobustness(sameClass, sameCentre);
    ObjectNode details = ClassDetails.object().put("version", task.version()).put("k", task.k());
    details.put("tiles", all.length);
    details.put("centres", tiles.stream().map(ProbeSplit.Row::centre).distinct().count());
    List<String> notes =
        Double.isNaN(figures.value("robustness_index"))
            ? List.of(
                task.title()
                    + ": no neighbour shares the class alone or the centre alone: the index says nothing")
            : List.of();
    return TaskResult.of(
        task.title(), figures, TileSides.samples(set, all), set.labels(), key, details, notes);
  }

  /// Numbers of the groups; a tile without one is a group by itself.
  private static int[] groups(List<ProbeSplit.Row> tiles) {
    Map<String, Integer> numbers = new HashMap<>();
    int[] groups = new int[tiles.size()];
    int next = 0;
    for (int tile = 0; tile < groups.length; tile++) {
      Optional<String> group = tiles.get(tile).group();
      groups[tile] = group.isPresent() ? numbers.getOrDefault(group.get(), next) : next;
      if (groups[tile] == next) {
        int added = next++;
        group.ifPresent(name -> numbers.put(name, added));
      }
    }
    return groups;
  }

  /// @throws DataException when a tile has no centre, or all have the same one
  static void requireCentres(TileTask.Centres task, TileSet set) throws DataException {
    long without = set.tiles().stream().filter(tile -> tile.centre().isEmpty()).count();
    long distinct = set.tiles().stream().map(ProbeSplit.Row::centre).distinct().count();
    if (without > 0 || distinct < 2) {
      throw new DataException(
          "%s: %s: %s; name the column in tiles.centre"
              .formatted(
                  set.name(),
                  task.title(),
                  without > 0
                      ? without + " tiles have no centre"
                      : "all tiles are of one centre, %s"
                          .formatted(set.tiles().getFirst().centre().orElse(""))));
    }
  }

  @Override
  public List<String> names() {
    return List.of("robustness_index");
  }

  @Override
  public double[] of(int[] times) {
    double byClass = 0;
    double byCentre = 0;
    for (int tile = 0; tile < times.length; tile++) {
      byClass += (double) times[tile] * classes[tile];
      byCentre += (double) times[tile] * centres[tile];
    }
    return new double[] {byClass / (byClass + byCentre)};
  }

  @Override
  public int rows() {
    return classes.length;
  }
}
