package dev.eosin.run.folders;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// What hands a training on several ranks to a scheduler: text to look at, change and submit.
public final class JobScripts {
  /// Where a run is to go.
  ///
  /// @param nodes machines
  /// @param ranksPerNode on each
  /// @param coresPerRank of a CPU
  /// @param gpus whether each rank gets a GPU
  public record Size(int nodes, int ranksPerNode, int coresPerRank, boolean gpus) {
    /// @throws IllegalArgumentException when a number is not positive
    public Size {
      if (nodes < 1 || ranksPerNode < 1 || coresPerRank < 1) {
        throw new IllegalArgumentException("machines, ranks and cores are at least 1 each");
      }
    }

    int ranks() {
      return Math.multiplyExact(nodes, ranksPerNode);
    }
  }

  private static final String SLURM =
      """
      #!/bin/bash
      # Trains on %d ranks. Submit it with: sbatch THIS_FILE
      #SBATCH --job-name=%s
      #SBATCH --nodes=%d
      #SBATCH --ntasks-per-node=%d
      #SBATCH --cpus-per-task=%d
      %s#SBATCH --time=%s
      # Five minutes before the limit: one checkpoint is saved, and the job queues again.
      #SBATCH --signal=USR1@300
      #SBATCH --requeue
      #SBATCH --open-mode=append

      # A rank that fails ends the others. Where PMIx is missing ('srun --mpi=list'), use --mpi=pmi2 with MPICH.
      srun --mpi=pmix --kill-on-bad-exit=1 %s
      code=$?
      if [ "$code" -eq 138 ] && [ ! -f %s ]; then
        scontrol requeue "$SLURM_JOB_ID"
      fi
      exit "$code"
      """;

  private static final String MPI_JOB =
      """
      # Trains on %d ranks. Submit it with: kubectl apply -f THIS_FILE
      apiVersion: kubeflow.org/v2beta1
      kind: MPIJob
      metadata:
        name: %s
      spec:
        slotsPerWorker: %d
        runPolicy:
          cleanPodPolicy: Running
          # A run goes on from its newest checkpoint.
          backoffLimit: 6
        mpiReplicaSpecs:
          Launcher:
            replicas: 1
            restartPolicy: OnFailure
            template:
              spec:
                containers:
                - name: launcher
                  image: %s
                  command:
                  - mpirun
                  - --allow-run-as-root
                  - -n
                  - "%d"
                  - --bind-to
                  - none
                  - --mca
                  - odls_base_sigkill_timeout
                  - "120"
                  - %s
                  - train
      %s%s    Worker:
            replicas: %d
            restartPolicy: Never
            template:
              spec:
                containers:
                - name: worker
                  image: %s
                  resources:
                    limits:
                      cpu: %d
      %s%s      """;

  /// mpirun begins where the launcher stands, on every machine.
  private static final String SHARED =
      """
                  workingDir: %s
                  volumeMounts:
                  - name: shared
                    mountPath: %s
                volumes:
                - name: shared
                  persistentVolumeClaim:
                    claimName: %s
      """;

  /// Characters of a label of DNS, which the name of each worker has to be.
  private static final int LONGEST_LABEL = 63;

  private JobScripts() {}

  /// A batch script for Slurm. Five minutes before the limit every rank gets SIGUSR1, saves and
  /// ends; the job then queues again until `finished.json` is there.
  ///
  /// @param eosin the program
  /// @param arguments of `eosin train`, the recipe first
  /// @param runFolder the recipe's `output.dir`
  /// @param limit as Slurm writes it, such as `24:00:00`
  public static String slurm(
      String name,
      String eosin,
      List<String> arguments,
      String runFolder,
      Size size,
      String limit) {
    String gpus = size.gpus ? "#SBATCH --gpus-per-node=%d%n".formatted(size.ranksPerNode) : "";
    String words = arguments.stream().map(JobScripts::quoted).collect(Collectors.joining(" "));
    String command = quoted(eosin) + " train " + words;
    return SLURM.formatted(
        size.ranks(),
        label(name),
        size.nodes,
        size.ranksPerNode,
        size.coresPerRank,
        gpus,
        limit,
        command,
        quoted(runFolder + "/finished.json"));
  }

  /// A Kubernetes MPIJob of the MPI operator (kubeflow.org/v2beta1). Recipe, data and run folder
  /// lie on a volume that all pods share.
  ///
  /// @param image that has Eosin, Open MPI and an SSH server, as the operator asks for
  /// @param claim of the shared volume
  /// @param mount where pods see it, and where they work
  public static String mpiJob(
      String name,
      String image,
      String claim,
      String mount,
      String eosin,
      List<String> arguments,
      Size size) {
    String words =
        arguments.stream()
            .map(word -> "            - " + yaml(word) + "\n")
            .collect(Collectors.joining());
    String gpu =
        size.gpus ? "                nvidia.com/gpu: %d%n".formatted(size.ranksPerNode) : "";
    String shared = SHARED.formatted(yaml(mount), yaml(mount), yaml(claim));
    int longest = LONGEST_LABEL - "-worker-%d".formatted(size.nodes - 1).length();
    String label = label(name);
    return MPI_JOB.formatted(
        size.ranks(),
        label.substring(0, Math.min(label.length(), longest)).replaceAll("-+$", ""),
        size.ranksPerNode,
        yaml(image),
        size.ranks(),
        yaml(eosin),
        words,
        shared,
        size.nodes,
        yaml(image),
        Math.multiplyExact(size.ranksPerNode, size.coresPerRank),
        gpu,
        shared);
  }

  /// A word that no shell changes.
  private static String quoted(String word) {
    return word.matches("[A-Za-z0-9_./:=,@%+-]+") ? word : "'" + word.replace("'", "'\\''") + "'";
  }

  private static String yaml(String word) {
    return "\"" + word.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  /// Lower case letters, digits and dashes, as Kubernetes asks for.
  private static String label(String name) {
    String plain = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9]+", "-");
    String trimmed = plain.replaceAll("^-+|-+$", "");
    return "eosin-" + (trimmed.isEmpty() ? "train" : trimmed);
  }
}
