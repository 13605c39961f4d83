package dev.eosin.train.machine;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.Doc;
import dev.eosin.config.MachineException;
import dev.eosin.config.OrElse;
import dev.eosin.group.Group;
import dev.eosin.tensor.CudaNumerics;
import dev.eosin.tensor.CudaObstacle;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.KernelListener;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.train.MeasuredProducts;
import dev.eosin.train.ProductsOrAuto;
import java.util.List;
import java.util.Optional;

/// The key `compute` of a recipe: where and how fast, without an effect on the result beyond
/// rounding.
public record ComputeSettings(
    @Doc(
            "The first GPU where there is one, or the CPU, or a GPU that has to be there, counted"
                + " from 0 among those that CUDA_VISIBLE_DEVICES shows.")
        @OrElse("auto")
        Processor device,
    @Doc(
            "CPU threads of one kernel; auto takes every core, shared by the ranks of a machine."
                + " Another number adds in another order: results differ in their last digits.")
        @OrElse("auto")
        CountOrAuto threads,
    @Doc(
            "What blocks keep for their backward: all of it, nothing (each block is computed again"
                + " from its input: less memory, about a third more work), or all of it but for"
                + " every N-th block.")
        @OrElse("keep")
        Recomputation activations,
    @Doc(
            "What becomes of a run whose memory plan (train --plan) clearly exceeds the machine's"
                + " memory.")
        @OrElse("refuse")
        MemoryCheck memoryCheck,
    @Doc(
            "Whose fp32 matrix products blocks take on a CPU: libtorch's default (MKL) or oneDNN, one"
                + " for all or three with commas, of the product, its input's gradient and its"
                + " weight's gradient. auto takes what is fastest on this machine, timed once for"
                + " it; a run keeps what it began with.")
        @OrElse("auto")
        ProductsOrAuto matrixProducts,
    @Doc(
            "Whether equal steps give equal bits on a GPU, too, so that a resumed run goes on bit"
                + " for bit: kernels that add in any order give way to slower ones. A CPU does so"
                + " always.")
        @OrElse("false")
        boolean deterministic,
    @Doc(
            "Whether fp32 matrix products on a GPU round what they multiply to TF32 (10 bits behind"
                + " the point instead of 23), at several times the speed.")
        @OrElse("false")
        boolean tf32,
    @Doc(
            "On a GPU and in bf16 or fp16, CLIP's fully trained blocks with a backward of their own"
                + " over flash attention's kernels: about half of the memory. Off until"
                + " scripts/gpu-check.sh has compared block_lean on that very card.")
        @OrElse("false")
        boolean flashBlocks,
    @Doc(
            "What several ranks keep one of among them: nothing (none), the optimiser's state, of"
                + " which each then has a part (optimizer), or that and the gradients (gradients):"
                + " less memory, as many bytes moved, the same weights but for rounding."
                + " Checkpoints and models are the same.")
        @OrElse("none")
        Sharding sharding) {
  private static final int MOST_THREADS = 1024;
  private static final String WORKSPACE = "CUBLAS_WORKSPACE_CONFIG";
  private static final List<String> REPEATABLE_WORKSPACES = List.of(":4096:8", ":16:8");

  /// @throws IllegalArgumentException for more threads than any machine has use for: libtorch would
  ///   end the process when they cannot be made
  public ComputeSettings {
    if (threads.or(1) > MOST_THREADS) {
      throw new IllegalArgumentException(
          "threads: %s is more than %d; write auto".formatted(threads, MOST_THREADS));
    }
  }

  /// Settings that keep every activation and refuse what cannot fit.
  public ComputeSettings(Processor device, CountOrAuto threads) {
    this(
        device,
        threads,
        Recomputation.NONE,
        MemoryCheck.REFUSE,
        new ProductsOrAuto.Auto(),
        false,
        false,
        false,
        Sharding.NONE);
  }

  /// The key `compute.memory-check`.
  @Doc("Whether too large a memory plan is refused.")
  public enum MemoryCheck {
    REFUSE,
    SKIP
  }

  /// What the settings choose from.
  ///
  /// @param cores of the CPU that this process may use
  /// @param gpuPresent whether the machine has an NVIDIA GPU, as the launcher saw it
  /// @param cudaDevices that the loaded libtorch can use
  /// @param obstacle why it can use none
  public record Machine(
      int cores, boolean gpuPresent, int cudaDevices, Optional<CudaObstacle> obstacle) {
    /// This machine; loads libtorch.
    public static Machine inspect() {
      return new Machine(
          Runtime.getRuntime().availableProcessors(),
          "present".equals(System.getProperty("eosin.gpu")),
          Engine.cudaDevices(),
          Engine.cudaObstacle());
    }

    /// What is in the way of the GPU that this machine has, to be read after "this machine has an
    /// NVIDIA GPU, but"; empty where there is none, or libtorch can use it.
    Optional<CudaObstacle> unusableGpu() {
      return gpuPresent && cudaDevices == 0 ? obstacle : Optional.empty();
    }
  }

  /// Starts the engine on the chosen device.
  ///
  /// @throws MachineException when the GPU asked for, or present and not declined, cannot be used
  public Engine start() {
    return start(KernelListener.NONE);
  }

  /// As above.
  ///
  /// @param listener told of every kernel call
  public Engine start(KernelListener listener) {
    return start(listener, Group.ALONE);
  }

  /// As above, for one of several ranks: the GPU of its number among the ranks of its machine, or
  /// its share of the cores.
  ///
  /// @throws MachineException also when there are more ranks on a machine than GPUs
  public Engine start(KernelListener listener, Group group) {
    Machine machine = Machine.inspect();
    Device chosen = own(device(machine), machine, group);
    if (chosen instanceof Device.Cuda && deterministic) {
      requireWorkspace(Optional.ofNullable(System.getenv(WORKSPACE)));
    }
    int own = threads(chosen, machine, group);
    return Engine.start(
        chosen,
        own,
        matrixProducts.on(chosen, own).products(),
        new CudaNumerics(deterministic, tf32),
        listener);
  }

  private int threads(Device chosen, Machine machine, Group group) {
    int share =
        chosen instanceof Device.Cpu
            ? Math.max(1, machine.cores() / group.sharingCores())
            : threads(machine);
    return Math.max(1, threads.or(share));
  }

  /// Whose matrix products one of several ranks takes where it computes alone.
  public MeasuredProducts products(Group group) {
    Machine machine = Machine.inspect();
    Device chosen = device(machine);
    return matrixProducts.on(chosen, threads(chosen, machine, group));
  }

  /// The same with chosen matrix products.
  public ComputeSettings with(MatrixProducts products) {
    return new ComputeSettings(
        device,
        threads,
        activations,
        memoryCheck,
        new ProductsOrAuto.Chosen(products),
        deterministic,
        tf32,
        flashBlocks,
        sharding);
  }

  static Device own(Device chosen, Machine machine, Group group) {
    if (group.size() == 1 || !(chosen instanceof Device.Cuda(int index))) {
      return chosen;
    }
    if (index > 0) {
      throw new MachineException(
          "compute.device: cuda:%d names one GPU, but %d ranks take one each; say cuda, and choose GPUs with CUDA_VISIBLE_DEVICES"
              .formatted(index, group.size()));
    }
    return new Device.Cuda(place(machine.cudaDevices(), group));
  }

  /// libtorch's own check, before anything is loaded: cuBLAS reads the variable once, as it starts.
  static void requireWorkspace(Optional<String> workspace) {
    if (workspace.filter(REPEATABLE_WORKSPACES::contains).isEmpty()) {
      throw new MachineException(
          "compute.deterministic needs the variable %s to be one of %s, it is %s; start through ./eosin, which sets it, or set it yourself"
              .formatted(
                  WORKSPACE,
                  String.join(" and ", REPEATABLE_WORKSPACES),
                  workspace.map(found -> "'" + found + "'").orElse("not set")));
    }
  }

  /// A starter may show each rank one GPU alone.
  private static int place(int devices, Group group) {
    if (devices == 1) {
      return 0;
    }
    if (group.localRank() >= devices) {
      throw new MachineException(
          "%d ranks on this machine, which has %d GPUs: one rank for each GPU"
              .formatted(group.localSize(), devices));
    }
    return group.localRank();
  }

  /// The chosen device.
  ///
  /// @throws MachineException when the GPU asked for, or present and not declined, cannot be used:
  ///   hours on the CPU beside an idle GPU are never what was meant
  public Device device(Machine machine) {
    return switch (device.intended(machine.gpuPresent())) {
      case Device.Cpu() -> Device.CPU;
      case Device.Cuda(int index) -> cuda(machine, index);
    };
  }

  /// Refuses a device that this machine lacks, without computing anything; libtorch is loaded where
  /// a GPU is meant only.
  ///
  /// @param gpuPresent whether the machine has an NVIDIA GPU
  /// @return where the run computes, for a person
  /// @throws MachineException as for [#device(Machine)]
  public String check(boolean gpuPresent) {
    return switch (intended(gpuPresent)) {
      case Device.Cpu() ->
          "the CPU, %d threads"
              .formatted(Math.max(1, threads.or(Runtime.getRuntime().availableProcessors())));
      case Device.Cuda(int index) -> {
        device(Machine.inspect());
        yield index == 0 ? "the first GPU" : "GPU " + index + ", counted from 0";
      }
    };
  }

  /// The device that is meant, whether or not it can be used; libtorch is not loaded.
  ///
  /// @param gpuPresent whether the machine has an NVIDIA GPU
  public Device intended(boolean gpuPresent) {
    return device.intended(gpuPresent);
  }

  /// Threads of one CPU kernel, at least 1.
  public int threads(Machine machine) {
    return Math.max(1, threads.or(machine.cores()));
  }

  private static Device cuda(Machine machine, int index) {
    if (index < machine.cudaDevices()) {
      return new Device.Cuda(index);
    }
    if (machine.cudaDevices() > 0) {
      throw new MachineException(
          "compute.device: cuda:%d was asked for, but this process sees %d GPUs, the last is cuda:%d; see CUDA_VISIBLE_DEVICES"
              .formatted(index, machine.cudaDevices(), machine.cudaDevices() - 1));
    }
    throw new MachineException(
        machine
                .unusableGpu()
                .map(
                    why ->
                        "this machine has an NVIDIA GPU, but %s; %s"
                            .formatted(why.found(), why.mend()))
                .orElse("compute.device: cuda was asked for, but this machine has no NVIDIA GPU")
            + "; or say compute.device=cpu to train on the CPU");
  }
}
