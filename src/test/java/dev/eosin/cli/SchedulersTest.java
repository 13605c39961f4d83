package dev.eosin.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.eosin.run.SmallRun;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The real program as `srun` and `torchrun` start it. Neither is installed where tests run: what
/// brings the ranks together is an `mpirun`, and each rank begins in a shell that leaves the
/// variables that Slurm's step, its PMI or PMIx, or torchrun would have given it.
class SchedulersTest {
  private static final String[] SHORT = {
    "schedule.length=2 steps", "output.checkpoint-every=1_000 steps", "evaluate=[]"
  };
  private static final String STEP =
      "export SLURM_JOB_ID=7 SLURM_STEP_ID=0 SLURM_NTASKS=$size SLURM_STEP_NUM_TASKS=$size"
          + " SLURM_PROCID=$rank SLURM_LOCALID=$rank SLURM_NODEID=0; ";

  /// `srun --mpi=pmi2` with MPICH: PMI's variables stay, Hydra's own go.
  private static final String PMI =
      "rank=$PMI_RANK; size=$PMI_SIZE; "
          + STEP
          + "unset MPI_LOCALRANKID MPI_LOCALNRANKS; exec \"$@\"";

  private static final String WITHOUT_OPEN_MPI =
      "rank=$OMPI_COMM_WORLD_RANK; size=$OMPI_COMM_WORLD_SIZE; "
          + "for each in $(env | sed -n 's/^\\(OMPI_COMM_WORLD_[A-Z_]*\\)=.*/\\1/p'); do unset $each; done; ";

  /// `srun --mpi=pmix` with Open MPI.
  private static final String PMIX = WITHOUT_OPEN_MPI + STEP + "exec \"$@\"";

  /// A starter that speaks PMIx alone, and says no size.
  private static final String PMIX_ALONE = WITHOUT_OPEN_MPI + "exec \"$@\"";

  private static final String TORCHRUN =
      WITHOUT_OPEN_MPI
          + "for each in $(env | sed -n 's/^\\(PMIX_[A-Z_]*\\|PMI_[A-Z_]*\\)=.*/\\1/p'); do unset $each; done; "
          + "export RANK=$rank WORLD_SIZE=$size LOCAL_RANK=$rank LOCAL_WORLD_SIZE=$size"
          + " MASTER_ADDR=127.0.0.1 MASTER_PORT=29876; exec \"$@\"";

  @TempDir private Path home;

  @ParameterizedTest
  @CsvSource({"mpirun.mpich, srun-pmi2", "mpirun.openmpi, srun-pmix", "mpirun.openmpi, pmix"})
  void aStepOfSlurmTrainsAsOneProcess(String mpi, String manner) throws Exception {
    SmallRun alone = SmallRun.in(home.resolve("alone"));
    SmallRun run = alone.copyTo(home.resolve("step"));
    String shell =
        switch (manner) {
          case "srun-pmi2" -> PMI;
          case "srun-pmix" -> PMIX;
          default -> PMIX_ALONE;
        };
    try (RankedProcess step = RankedProcess.start(mpi, 3, shell, run, SHORT)) {
      assertThat(step.exitCode()).as(step.messages()).isZero();
    }
    alone.train(SHORT);
    List<JsonNode> found = run.rows();
    assertThat(found.getFirst().get("rank_samples").toString()).isEqualTo("[2,3,3]");
    assertThat(found).hasSameSizeAs(alone.rows());
    for (int row = 0; row < found.size(); row++) {
      double loss = alone.rows().get(row).get("loss").asDouble();
      assertThat(found.get(row).get("loss").asDouble()).isCloseTo(loss, within(1e-5 * loss));
    }
  }

  /// `srun` without `--mpi`: each task would be alone in its own MPI, and all would train the same.
  @Test
  void aStepWithoutAnMpiIsAnError() throws Exception {
    String shell =
        "rank=$PMI_RANK; size=$PMI_SIZE; "
            + STEP
            + "for each in $(env | sed -n 's/^\\(PMI_[A-Z_]*\\|MPI_[A-Z_]*\\)=.*/\\1/p'); do unset $each; done; exec \"$@\"";
    SmallRun run = SmallRun.in(home.resolve("none"));
    try (RankedProcess step = RankedProcess.start("mpirun.mpich", 2, shell, run, SHORT)) {
      assertThat(step.exitCode()).as(step.messages()).isNotZero();
      assertThat(step.messages()).contains("SLURM_STEP_NUM_TASKS=2");
    }
    assertThat(run.folder()).doesNotExist();
  }

  @Test
  void ranksInTorchrunsMannerNeedGpus() throws Exception {
    SmallRun run = SmallRun.in(home.resolve("torchrun"));
    try (RankedProcess two = RankedProcess.start("mpirun.openmpi", 2, TORCHRUN, run, SHORT)) {
      assertThat(two.exitCode()).as(two.messages()).isNotZero();
      assertThat(two.messages())
          .contains("LOCAL_RANK=0, but this process sees 0 GPUs")
          .contains("on a CPU start them with mpirun, srun or --ranks");
    }
    assertThat(run.folder()).doesNotExist();
  }
}
