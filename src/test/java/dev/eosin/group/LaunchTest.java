package dev.eosin.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.MachineException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class LaunchTest {
  private static final Map<String, String> OPEN_MPI =
      Map.of(
          "OMPI_COMM_WORLD_RANK", "3",
          "OMPI_COMM_WORLD_SIZE", "4",
          "OMPI_COMM_WORLD_LOCAL_RANK", "1",
          "OMPI_COMM_WORLD_LOCAL_SIZE", "2");
  private static final Map<String, String> TORCHRUN =
      Map.of("RANK", "3", "WORLD_SIZE", "4", "LOCAL_RANK", "1", "LOCAL_WORLD_SIZE", "2");
  private static final Map<String, String> HYDRA =
      Map.of("PMI_RANK", "3", "PMI_SIZE", "4", "MPI_LOCALRANKID", "1", "MPI_LOCALNRANKS", "2");
  private static final Map<String, String> STEP =
      Map.of("SLURM_PROCID", "3", "SLURM_STEP_NUM_TASKS", "4", "SLURM_LOCALID", "1");

  @SafeVarargs
  @SuppressWarnings("varargs") // read only
  private static Launch of(Map<String, String>... all) {
    Map<String, String> environment = new HashMap<>();
    for (Map<String, String> some : all) {
      environment.putAll(some);
    }
    return Launch.of(environment);
  }

  @Test
  void aProcessThatNobodyNamedIsAlone() {
    assertThat(of().isOneOfSeveral()).isFalse();
    assertThat(of().explain()).isEmpty();
    assertThat(of(Map.of("RANK", "3", "WORLD_SIZE", "4")).isOneOfSeveral())
        .as("RANK and WORLD_SIZE mean nothing without LOCAL_RANK")
        .isFalse();
    assertThat(of(Map.of("SLURM_PROCID", "0", "SLURM_NTASKS", "4")).isOneOfSeveral())
        .as("a batch script is no step")
        .isFalse();
  }

  @Test
  void everyStarterIsUnderstood() {
    for (Map<String, String> starter : List.of(TORCHRUN, OPEN_MPI, HYDRA, STEP)) {
      Launch launch = of(starter);
      assertThat(launch.rank()).isEqualTo(3);
      assertThat(launch.size()).isEqualTo(OptionalInt.of(4));
      assertThat(launch.localRank()).isEqualTo(OptionalInt.of(1));
      assertThat(launch.isOneOfSeveral()).isTrue();
    }
    Launch pmix = of(Map.of("PMIX_RANK", "2"));
    assertThat(pmix.rank()).isEqualTo(2);
    assertThat(pmix.isOneOfSeveral()).isTrue();
    assertThat(of(OPEN_MPI).explain()).contains("rank 3 of 4, local rank 1, started by Open MPI");
  }

  @Test
  void theStartersAreTrustedInOrder() {
    assertThat(of(TORCHRUN, OPEN_MPI, HYDRA, STEP).by()).isEqualTo(Launch.Starter.TORCHRUN);
    assertThat(of(OPEN_MPI, HYDRA, STEP).by()).isEqualTo(Launch.Starter.OPEN_MPI);
    assertThat(of(HYDRA, STEP).by()).isEqualTo(Launch.Starter.HYDRA);
    Map<String, String> daemon = Map.of("SLURM_PROCID", "0", "SLURM_STEP_NUM_TASKS", "1");
    assertThat(of(OPEN_MPI, daemon).rank())
        .as("Slurm's variables of the step that started mpirun's daemon are inherited")
        .isEqualTo(3);
  }

  @Test
  void contradictionsNameTheVariables() {
    assertThatThrownBy(() -> of(OPEN_MPI, Map.of("PMI_RANK", "0", "PMI_SIZE", "4")))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("OMPI_COMM_WORLD_RANK=3, OMPI_COMM_WORLD_SIZE=4, PMI_RANK=0");
    assertThatThrownBy(() -> of(Map.of("LOCAL_RANK", "0", "RANK", "0")))
        .hasMessageContaining("WORLD_SIZE is not set, though other variables say that torchrun");
    assertThatThrownBy(() -> of(OPEN_MPI, Map.of("OMPI_COMM_WORLD_RANK", "x")))
        .hasMessageContaining("OMPI_COMM_WORLD_RANK='x' is not a number");
    assertThatThrownBy(() -> of(OPEN_MPI, Map.of("OMPI_COMM_WORLD_RANK", "4")))
        .hasMessageContaining("OMPI_COMM_WORLD_RANK=4 is no rank of OMPI_COMM_WORLD_SIZE=4");
  }

  @Test
  void neighboursShareAMachineAndMayShareCores() {
    List<byte[]> seats =
        List.of("a\n0-3", "b\n0-3", "a\n0-3", "a\n4-7").stream()
            .map(seat -> seat.getBytes(StandardCharsets.UTF_8))
            .toList();
    assertThat(Neighbours.of(seats, 0)).isEqualTo(new Neighbours(0, 3, 2));
    assertThat(Neighbours.of(seats, 1)).isEqualTo(new Neighbours(0, 1, 1));
    assertThat(Neighbours.of(seats, 3)).isEqualTo(new Neighbours(2, 3, 1));
  }

  @Test
  void torchrunGivesNoMpi() {
    assertThat(Launch.mpiStarter(HYDRA)).contains(Launch.Starter.HYDRA);
    assertThat(Launch.mpiStarter(TORCHRUN)).isEmpty();
    assertThatThrownBy(() -> MpiChoice.of(of(TORCHRUN), TORCHRUN))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("this is rank 3 of several, as torchrun starts them");
  }

  @Test
  void withoutMpiOneLineSaysHowToInstallIt() {
    assertThatThrownBy(() -> MpiStart.command(2, List.of("eosin"), "/nowhere"))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("PATH has no mpirun; install one: apt install openmpi-bin");
  }
}
