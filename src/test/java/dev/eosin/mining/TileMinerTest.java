package dev.eosin.mining;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.assertj.core.api.Assertions.within;

import dev.eosin.eval.embeddings.UnitVectors;
import dev.eosin.mining.ClusterSettings.Rounding;
import dev.eosin.mining.ClusterSettings.Sharing;
import dev.eosin.mining.PromptSettings.Combine;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class TileMinerTest {
  private static Ranking ranking(RecordedMining recorded, Combine combine, int top) {
    return Ranking.ofPrompts(
        "prompts", recorded.vectors("tiles"), recorded.vectors("texts"), combine, top);
  }

  private static int[] tiles(TileMiner.Mined mined) {
    return mined.taken().stream().mapToInt(TileMiner.Taken::tile).toArray();
  }

  @Test
  void promptsRankTilesAsScikitLearnsCosinesDo() throws IOException {
    RecordedMining recorded = RecordedMining.read();
    for (Combine combine : Combine.values()) {
      boolean most = combine == Combine.MAX;
      Ranking found = ranking(recorded, combine, 1000);
      assertThat(found.picks().stream().mapToInt(Ranking.Pick::tile).toArray())
          .isEqualTo(recorded.whole(most ? "by_max" : "by_sum"));
      for (Ranking.Pick pick : found.picks()) {
        double score = recorded.json().path(most ? "largest" : "sums").path(pick.tile()).asDouble();
        assertThat(pick.score()).isEqualTo(score, within(2e-6));
      }
      assertThat(found.planned()).isEqualTo(160);
    }
  }

  @Test
  void theSimilarityFilterLeavesWhatScikitLearnsCosinesLeave() throws IOException {
    RecordedMining recorded = RecordedMining.read();
    for (var one : recorded.json().path("filtered").properties()) {
      TileMiner.Mined mined =
          TileMiner.mine(
              recorded.vectors("tiles"),
              List.of(ranking(recorded, Combine.MAX, 160)),
              Optional.of(Double.valueOf(one.getKey())),
              false);
      int[] expected = one.getValue().valueStream().mapToInt(tile -> tile.asInt()).toArray();
      assertThat(tiles(mined)).isEqualTo(expected);
      assertThat(mined.similar()).hasSize(160 - expected.length);
      assertThat(mined.similar())
          .allSatisfy(
              dropped -> assertThat(dropped.cosine()).isGreaterThan(Double.valueOf(one.getKey())));
    }
  }

  private static void assertAddsUp(TileMiner.Count count, boolean refill) {
    int passedOver = refill ? 0 : count.twice() + count.similar();
    assertThat(count.kept() + passedOver + count.tooFew()).isEqualTo(count.target());
  }

  @Test
  void whateverIsAskedForTheCountsAddUpToTheTargets() throws IOException {
    RecordedMining recorded = RecordedMining.read();
    float[][] all = recorded.vectors("tiles");
    SplittableRandom random = new SplittableRandom(3);
    for (int round = 0; round < 60; round++) {
      int n = 1 + random.nextInt(all.length);
      float[][] tiles = IntStream.range(0, n).mapToObj(i -> all[i]).toArray(float[][]::new);
      boolean refill = random.nextBoolean();
      ClusterSettings clusters =
          new ClusterSettings(
              random.nextDouble(0.3, 3),
              random.nextBoolean() ? Rounding.UP : Rounding.DOWN,
              1 + random.nextInt(60),
              random.nextBoolean() ? Sharing.EQUAL : Sharing.EVEN,
              50);
      KMeans found = KMeans.of(tiles, clusters.clusters(n), 50, random);
      float[][] texts = recorded.vectors("texts");
      Optional<Double> similarity =
          random.nextBoolean() ? Optional.of(random.nextDouble(0.5, 0.99)) : Optional.empty();
      TileMiner.Mined mined =
          TileMiner.mine(
              tiles,
              List.of(
                  Ranking.ofPrompts("a", tiles, texts, Combine.MAX, 1 + random.nextInt(40)),
                  Ranking.ofPrompts("b", tiles, texts, Combine.SUM, 1 + random.nextInt(40)),
                  Ranking.ofClusters("clusters", found, clusters)),
              similarity,
              refill);
      mined.counts().forEach(count -> assertAddsUp(count, refill));
      assertThat(mined.taken().size())
          .isEqualTo(mined.counts().stream().mapToInt(TileMiner.Count::kept).sum());
      assertThat(tiles(mined)).doesNotHaveDuplicates();
      similarity.ifPresent(most -> assertApart(tiles, mined, most));
    }
  }

  private static void assertApart(float[][] tiles, TileMiner.Mined mined, double most) {
    int[] taken = tiles(mined);
    for (int i = 0; i < taken.length; i++) {
      for (int j = 0; j < i; j++) {
        assertThat(UnitVectors.dot(tiles[taken[i]], tiles[taken[j]])).isLessThanOrEqualTo(most);
      }
    }
  }

  @Test
  void aTileOfTwoRulesIsTakenOnceAndToldOfByBoth() {
    float[][] tiles = {{1, 0}, {0, 1}, {0.6f, 0.8f}};
    Ranking first = Ranking.ofPrompts("a", tiles, new float[][] {{1, 0}}, Combine.MAX, 2);
    Ranking second = Ranking.ofPrompts("b", tiles, new float[][] {{0.8f, 0.6f}}, Combine.MAX, 1);
    TileMiner.Mined mined = TileMiner.mine(tiles, List.of(first, second), Optional.empty(), false);
    assertThat(tiles(mined)).containsExactly(0, 2);
    assertThat(mined.taken().get(1).by())
        .extracting(TileMiner.Choice::rule, TileMiner.Choice::rank)
        .containsExactly(tuple("a", 2), tuple("b", 1));
    assertThat(mined.counts().get(1)).isEqualTo(new TileMiner.Count("b", 1, 0, 1, 0, 0));
    TileMiner.Mined refilled =
        TileMiner.mine(tiles, List.of(first, second), Optional.empty(), true);
    assertThat(tiles(refilled)).containsExactly(0, 2, 1);
  }

  @Test
  void clustersShareTheirTilesAsTheirVariantSays() {
    var published = new ClusterSettings(1.6, Rounding.UP, 256, Sharing.EQUAL, 100);
    var tutorial = new ClusterSettings(1, Rounding.DOWN, 256, Sharing.EVEN, 100);
    assertThat(published.clusters(1000)).isEqualTo(40);
    assertThat(published.clusters(1001)).isEqualTo(41);
    assertThat(tutorial.clusters(1000)).isEqualTo(31);
    assertThat(tutorial.clusters(1)).isEqualTo(1);
    int[] labels = new int[1000];
    for (int i = 0; i < labels.length; i++) {
      labels[i] = i < 700 ? 0 : i < 995 ? 1 : 2;
    }
    KMeans found = new KMeans(new float[3][2], labels, new double[1000], 1);
    assertThat(perCluster(found, published)).containsExactly(85L, 85L, 5L);
    assertThat(perCluster(found, tutorial)).containsExactly(126L, 125L, 5L);
    assertThat(Ranking.ofClusters("clusters", found, published).planned()).isEqualTo(175);
    assertThat(Ranking.ofClusters("clusters", found, tutorial).planned()).isEqualTo(256);
  }

  private static List<Long> perCluster(KMeans found, ClusterSettings settings) {
    Ranking ranking = Ranking.ofClusters("clusters", found, settings);
    var counts =
        ranking.picks().stream()
            .limit(ranking.planned())
            .collect(
                Collectors.groupingBy(pick -> found.labels()[pick.tile()], Collectors.counting()));
    return new ArrayList<>(counts.values());
  }
}
