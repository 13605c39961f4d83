package dev.eosin.group;

import dev.eosin.config.MachineException;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// How ranks are started on this machine through the MPI that is installed.
public final class MpiStart {
  /// For messages.
  static final String INSTALL =
      "install one: apt install openmpi-bin (Debian, Ubuntu), dnf install openmpi (Fedora), brew install open-mpi (macOS)";

  /// A running root is no accident where somebody asks Eosin itself for ranks.
  private static final Map<String, String> AS_ROOT =
      Map.of("OMPI_ALLOW_RUN_AS_ROOT", "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM", "1");

  private MpiStart() {}

  /// What starts so many ranks of a command.
  ///
  /// @param command of one rank
  /// @param path as the variable `PATH`
  /// @throws MachineException when no `mpirun` is found, with how to install one
  public static List<String> command(int ranks, List<String> command, String path) {
    Path starter =
        find(path)
            .orElseThrow(
                () ->
                    new MachineException(
                        "--ranks %d starts ranks through MPI, but PATH has no mpirun; %s"
                            .formatted(ranks, INSTALL)));
    List<String> all = new ArrayList<>(List.of(starter.toString(), "-n", String.valueOf(ranks)));
    if (isOpenMpi(starter)) {
      all.addAll(List.of("--oversubscribe", "--bind-to", "none"));
    }
    all.addAll(command);
    return all;
  }

  /// What the environment of the starter needs besides.
  public static Map<String, String> environment(boolean root) {
    return root ? AS_ROOT : Map.of();
  }

  private static Optional<Path> find(String path) {
    for (String folder : path.split(File.pathSeparator, -1)) {
      for (String name : List.of("mpirun", "mpiexec")) {
        Path file = Path.of(folder, name);
        if (!folder.isEmpty() && Files.isExecutable(file)) {
          return Optional.of(file);
        }
      }
    }
    return Optional.empty();
  }

  /// Its programs are links to one that is named after its runtime (orterun, prterun).
  private static boolean isOpenMpi(Path starter) {
    try {
      String real = String.valueOf(starter.toRealPath().getFileName());
      return real.contains("openmpi") || real.equals("orterun") || real.equals("prterun");
    } catch (java.io.IOException unreadable) {
      return false;
    }
  }
}
