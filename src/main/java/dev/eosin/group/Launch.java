package dev.eosin.group;

import dev.eosin.config.MachineException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// Who started this process among others, and which of them it is, as environment variables say.
///
/// @param by what started it
/// @param rank from 0
/// @param size number of ranks; unknown where PMIx alone speaks, until MPI is asked
/// @param localRank among those of this machine
/// @param localSize ranks of this machine
public record Launch(
    Starter by, int rank, OptionalInt size, OptionalInt localRank, OptionalInt localSize) {
  /// Whose variables are trusted, first to last.
  public enum Starter {
    /// torchrun and what writes its variables; only with `LOCAL_RANK`, since others set `RANK` and
    /// `WORLD_SIZE` for purposes of their own.
    TORCHRUN("torchrun", "RANK", "WORLD_SIZE", "LOCAL_RANK", "LOCAL_WORLD_SIZE"),
    OPEN_MPI(
        "Open MPI",
        "OMPI_COMM_WORLD_RANK",
        "OMPI_COMM_WORLD_SIZE",
        "OMPI_COMM_WORLD_LOCAL_RANK",
        "OMPI_COMM_WORLD_LOCAL_SIZE"),
    HYDRA("Hydra (MPICH)", "PMI_RANK", "PMI_SIZE", "MPI_LOCALRANKID", "MPI_LOCALNRANKS"),
    /// `srun`; a batch script has no `SLURM_STEP_NUM_TASKS`.
    SLURM("Slurm", "SLURM_PROCID", "SLURM_STEP_NUM_TASKS", "SLURM_LOCALID", ""),
    PMIX("PMIx", "PMIX_RANK", "", "", ""),
    NOBODY("nobody", "", "", "", "");

    private final String title;
    private final String rank;
    private final String size;
    private final String localRank;
    private final String localSize;

    Starter(String title, String rank, String size, String localRank, String localSize) {
      this.title = title;
      this.rank = rank;
      this.size = size;
      this.localRank = localRank;
      this.localSize = localSize;
    }

    /// For a person.
    public String title() {
      return title;
    }

    private boolean speaksIn(Map<String, String> environment) {
      return switch (this) {
        case TORCHRUN -> environment.containsKey(localRank);
        case OPEN_MPI, HYDRA, PMIX -> environment.containsKey(rank);
        case SLURM -> environment.containsKey(rank) && environment.containsKey(size);
        case NOBODY -> true;
      };
    }
  }

  /// One process.
  static final Launch ALONE =
      new Launch(Starter.NOBODY, 0, OptionalInt.of(1), OptionalInt.of(0), OptionalInt.of(1));

  /// What an environment says.
  ///
  /// @throws MachineException naming the variables, where two starters contradict each other, one
  ///   is missing or is no number
  public static Launch of(Map<String, String> environment) {
    List<Launch> found = new ArrayList<>();
    for (Starter starter : Starter.values()) {
      if (starter.speaksIn(environment)) {
        found.add(of(starter, environment));
      }
    }
    Launch trusted = found.getFirst();
    for (Launch other : found) {
      trusted.requireAgreement(other);
    }
    return trusted;
  }

  /// What started the ranks and gave them an MPI; empty in torchrun's manner, which gives none.
  static Optional<Starter> mpiStarter(Map<String, String> environment) {
    return Stream.of(Starter.OPEN_MPI, Starter.HYDRA, Starter.SLURM, Starter.PMIX)
        .filter(starter -> starter.speaksIn(environment))
        .findFirst();
  }

  /// Whether what started the ranks gave them an MPI.
  public static boolean hasMpi(Map<String, String> environment) {
    return mpiStarter(environment).isPresent();
  }

  private static Launch of(Starter by, Map<String, String> environment) {
    if (by == Starter.NOBODY) {
      return ALONE;
    }
    Launch launch =
        new Launch(
            by,
            required(by, by.rank, environment),
            by.size.isEmpty()
                ? OptionalInt.empty()
                : OptionalInt.of(required(by, by.size, environment)),
            number(by.localRank, environment),
            number(by.localSize, environment));
    if (launch.size.isPresent() && launch.rank >= launch.size.getAsInt()) {
      throw new MachineException(
          "%s=%d is no rank of %s=%d; unset both, or start all ranks by one starter"
              .formatted(by.rank, launch.rank, by.size, launch.size.getAsInt()));
    }
    return launch;
  }

  private static int required(Starter by, String name, Map<String, String> environment) {
    return number(name, environment)
        .orElseThrow(
            () ->
                new MachineException(
                    "%s is not set, though other variables say that %s started this process; set it, or unset %s"
                        .formatted(
                            name, by.title, by == Starter.TORCHRUN ? by.localRank : by.rank)));
  }

  private static OptionalInt number(String name, Map<String, String> environment) {
    String text = environment.get(name);
    if (name.isEmpty() || text == null) {
      return OptionalInt.empty();
    }
    try {
      int value = Integer.parseInt(text.strip());
      if (value >= 0) {
        return OptionalInt.of(value);
      }
    } catch (NumberFormatException noNumber) {
      // Told below.
    }
    throw new MachineException("%s='%s' is not a number from 0".formatted(name, text));
  }

  /// Slurm's variables are inherited by whatever a step starts, so that they contradict nobody.
  private void requireAgreement(Launch other) {
    boolean inherits = other.by == Starter.SLURM || other.by == Starter.NOBODY;
    if (other.by == by || inherits || by == Starter.SLURM) {
      return;
    }
    boolean sameSize = size.isEmpty() || other.size.isEmpty() || size.equals(other.size);
    if (other.rank != rank || !sameSize) {
      throw new MachineException(
          "two starters contradict each other: %s; unset the variables of the one that did not start this process"
              .formatted(said() + ", " + other.said()));
    }
  }

  /// The variables that say rank and size.
  String said() {
    return "%s=%d%s"
        .formatted(
            by.rank, rank, size.isPresent() ? ", %s=%d".formatted(by.size, size.getAsInt()) : "");
  }

  /// Whether there is, or may be, more than this process.
  public boolean isOneOfSeveral() {
    return size.isEmpty() || size.getAsInt() > 1;
  }

  /// The variables read, for `eosin info`.
  public Optional<String> explain() {
    return by == Starter.NOBODY
        ? Optional.empty()
        : Optional.of(
            "rank %d of %s%s, started by %s"
                .formatted(
                    rank,
                    size.isPresent() ? String.valueOf(size.getAsInt()) : "an unknown number",
                    localRank.isPresent() ? ", local rank " + localRank.getAsInt() : "",
                    by.title));
  }
}
