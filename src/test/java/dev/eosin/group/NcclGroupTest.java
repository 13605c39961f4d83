package dev.eosin.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.tensor.DType;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What ranks tell each other through functions with NCCL's signatures; ranks are threads.
class NcclGroupTest {
  @TempDir private static Path home;
  private static NcclLibrary nccl;

  @BeforeAll
  static void compile() throws Exception {
    nccl = FakeNccl.in(home);
  }

  private static <T> List<T> ranks(int size, LocalRanks.Work<T> work) throws Exception {
    byte[] id = nccl.newId();
    try (ExecutorService threads = Executors.newFixedThreadPool(size)) {
      List<Future<T>> started = new ArrayList<>();
      for (int rank = 0; rank < size; rank++) {
        int number = rank;
        started.add(threads.submit(() -> rank(id, number, size, work)));
      }
      List<T> results = new ArrayList<>();
      for (Future<T> each : started) {
        results.add(each.get());
      }
      return results;
    }
  }

  private static <T> T rank(byte[] id, int rank, int size, LocalRanks.Work<T> work)
      throws Exception {
    Engine engine = Engine.start(Device.CPU, 1);
    try (var group =
        new NcclGroup(
            nccl, engine, id, rank, size, WaitLimits.USUAL, what -> {}, Optional.empty())) {
      return work.run(group);
    }
  }

  /// Everything that a group does, as text.
  private static List<String> everything(Group group) {
    Engine engine = Engine.start(Device.CPU, 1);
    int rank = group.rank();
    List<String> found = new ArrayList<>();
    found.add(group.size() + " ranks");
    found.add("sum " + group.sum(1.5 * (rank + 1)));
    found.add("any " + group.any(rank == 1) + " " + group.any(false));
    for (byte[] each : group.exchange(Arrays.copyOf(new byte[] {1, 2, 3, 4}, rank))) {
      found.add("brought " + Arrays.toString(each));
    }
    return with(engine, group, found);
  }

  private static List<String> with(Engine engine, Group group, List<String> found) {
    float own = group.rank() + 1;
    for (int settled = 0; settled < 2; settled++) {
      for (DType type : List.of(DType.FLOAT32, DType.FLOAT16, DType.BFLOAT16)) {
        try (Tensor x = engine.zeros(type, 3, 2)) {
          engine.kernels().run("fill", x, (double) own);
          group.sum(List.of(x)).forEach(sum -> found.add(type + " " + text(sum)));
        }
      }
      try (Tensor x = engine.of(new float[] {own, 2 * own}, 2);
          Tensor y = engine.of(new float[] {own, -own}, 2);
          Tensor z = engine.of(new float[] {own}, 1)) {
        group.beginSum(x).await();
        group.beginSum(y, 1).await();
        found.add("begun " + text(x) + (group.rank() == 1 ? "" : " not mine"));
        if (group.rank() == 1) {
          found.add("mine " + text(y));
        }
        group.broadcast(List.of(z), group.size() - 1);
        found.add("spread " + text(z));
      }
      long rows = 2 + group.rank() % 2;
      float[] values = new float[Math.toIntExact(rows * 3)];
      Arrays.fill(values, own);
      try (Tensor uneven = engine.of(values, rows, 3);
          Tensor all = group.gather(uneven)) {
        found.add("gathered " + Arrays.toString(all.shape()) + text(all));
      }
      found.add("before " + group.before(rows));
      group.settled();
    }
    return found;
  }

  private static String text(Tensor tensor) {
    return Arrays.toString(tensor.toFloats());
  }

  @Test
  void itIsWhatThreadsOfOneJavaMachineAre() throws Exception {
    for (int size : new int[] {2, 3}) {
      assertThat(ranks(size, NcclGroupTest::everything))
          .isEqualTo(LocalRanks.run(size, NcclGroupTest::everything));
    }
  }

  /// MPI's part is played by threads of one Java machine.
  @Test
  void theFirstRanksIdReachesAllThroughWhatTheySpeakThroughAlready() throws Exception {
    List<List<String>> found =
        LocalRanks.run(
            3,
            meeting -> {
              byte[] id = NcclGroup.sharedId(meeting, nccl);
              assertThat(id).hasSize(NcclLibrary.ID_BYTES);
              return rank(id, meeting.rank(), meeting.size(), NcclGroupTest::everything);
            });
    assertThat(found).isEqualTo(LocalRanks.run(3, NcclGroupTest::everything));
  }

  @Test
  void everyRankHasAGpuOfItsOwnOrNoneHas() throws Exception {
    // Threads of one Java machine are each the first one of a machine.
    assertThat(LocalRanks.run(2, group -> NcclGroup.ownGpu(group, 1, "GPU-" + group.rank())))
        .containsExactly(OptionalInt.of(0), OptionalInt.of(0));
    assertThat(LocalRanks.run(2, group -> NcclGroup.ownGpu(group, 1, "GPU-0")))
        .containsOnly(OptionalInt.empty());
    assertThat(
            LocalRanks.run(
                2, group -> NcclGroup.ownGpu(group, group.isFirst() ? 1 : 0, "" + group.rank())))
        .containsOnly(OptionalInt.empty());
  }

  @Test
  void ranksThatDisagreeAreToldBeforeAnythingIsExchanged() {
    assertThatThrownBy(
            () ->
                ranks(
                    2,
                    group -> {
                      Engine engine = Engine.start(Device.CPU, 1);
                      try (Tensor x = engine.zeros(DType.FLOAT32, 2 + group.rank())) {
                        group.beginSum(x).await();
                      }
                      return 0;
                    }))
        .hasRootCauseMessage(
            "ranks disagree in collective 3: rank 0 has 'sum FLOAT32 [2]', rank 1 has 'sum FLOAT32 [3]'; all ranks need the same recipe, data, device and version of Eosin");
  }

  @Test
  void whatNcclRefusesIsSaid() {
    assertThat(nccl.version()).isEqualTo("NCCL 2.27.5 (a test's)");
    assertThatThrownBy(() -> nccl.join(nccl.newId(), 3, 2))
        .hasMessage("NCCL failed with status 4: invalid argument (NCCL_DEBUG=INFO says more)");
  }

  @Test
  void ranksOfOneMachineAreNeighbours() throws Exception {
    assertThat(
            ranks(
                3,
                group ->
                    "%d of %d, %d share cores, first: %s"
                        .formatted(
                            group.localRank(),
                            group.localSize(),
                            group.sharingCores(),
                            group.isFirst())))
        .containsExactly(
            "0 of 3, 3 share cores, first: true",
            "1 of 3, 3 share cores, first: false",
            "2 of 3, 3 share cores, first: false");
  }
}
