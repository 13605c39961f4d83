package dev.eosin.group;

import dev.eosin.config.MachineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Which installed MPI belongs to what started the ranks.
final class MpiChoice {
  /// Names a library, where the usual names do not find the right one.
  static final String VARIABLE = "EOSIN_MPI";

  private static final List<String> OPEN_MPI =
      List.of("libmpi.so.40", "libmpi.40.dylib", "libmpi.so.80");
  private static final List<String> MPICH =
      List.of("libmpi.so.12", "libmpich.so.12", "libmpi.12.dylib");
  private static final List<String> ANY = List.of("libmpi.so", "libmpi.dylib");

  private MpiChoice() {}

  /// The names to try, in this order.
  static List<String> names(Launch.Starter by, Map<String, String> environment) {
    String named = environment.get(VARIABLE);
    if (named != null && !named.isBlank()) {
      return List.of(named);
    }
    List<String> names = new ArrayList<>();
    switch (by) {
      case OPEN_MPI -> names.addAll(OPEN_MPI);
      case HYDRA -> names.addAll(MPICH);
      case SLURM, PMIX, TORCHRUN, NOBODY -> {
        names.addAll(OPEN_MPI);
        names.addAll(MPICH);
      }
    }
    names.addAll(ANY);
    return names;
  }

  /// @throws MachineException when none is found, or nothing that has an MPI started the ranks
  static MpiLibrary of(Launch launch, Map<String, String> environment) {
    Launch.Starter starter =
        Launch.mpiStarter(environment)
            .orElseThrow(
                () ->
                    new MachineException(
                        "RANK, WORLD_SIZE and LOCAL_RANK say that this is rank %d of several, as torchrun starts them, without an MPI: start ranks that are to speak through one with mpirun, srun or --ranks"
                            .formatted(launch.rank())));
    List<String> names = names(starter, environment);
    return MpiLibrary.find(names)
        .orElseThrow(
            () ->
                new MachineException(
                    "%s started this as rank %d of several, but no MPI library was found (%s); %s"
                        .formatted(
                            launch.by().title(),
                            launch.rank(),
                            String.join(", ", names),
                            MpiStart.INSTALL)));
  }

  /// A library of another MPI than the starter's takes every process for a job of its own.
  ///
  /// @throws MachineException when it does
  static void requireSame(Launch launch, MpiCalls calls) {
    boolean sameSize = launch.size().isEmpty() || launch.size().getAsInt() == calls.size();
    if (!sameSize || launch.rank() != calls.rank()) {
      throw new MachineException(
          "%s started this as rank %d of %s, but %s says rank %d of %d: it belongs to another MPI; set %s to the library of the MPI whose mpirun is used, or unset what is left of an earlier start (%s)"
              .formatted(
                  launch.by().title(),
                  launch.rank(),
                  launch.size().isPresent() ? launch.size().getAsInt() : "several",
                  calls.version(),
                  calls.rank(),
                  calls.size(),
                  VARIABLE,
                  launch.said()));
    }
  }
}
