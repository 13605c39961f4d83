package dev.eosin.cli;

import dev.eosin.cli.terminal.ErrorReport;
import dev.eosin.config.MachineException;
import dev.eosin.group.Group;
import dev.eosin.group.Launch;
import dev.eosin.group.MpiGroup;
import dev.eosin.group.NcclGroup;
import dev.eosin.group.ProcessGroup;
import dev.eosin.group.WaitLimits;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.train.machine.MachineCheckup;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/// The ranks that a command runs on: those that a starter such as `mpirun` made, or this process
/// alone.
final class Ranks implements AutoCloseable {
  /// What fails alike on every rank is told by the first one alone: the others leave it this time.
  private static final Duration FIRST_RANK_SPEAKS = Duration.ofSeconds(2);

  private final Optional<ProcessGroup> several;
  private final Launch launch;
  private final PrintWriter err;

  private Ranks(Optional<ProcessGroup> several, Launch launch, PrintWriter err) {
    this.several = several;
    this.launch = launch;
    this.err = err;
  }

  /// Joins the other ranks, where there are any.
  ///
  /// @param intended the device that the command means
  static Ranks join(Launch launch, WaitLimits limits, PrintWriter err, Callable<Device> intended)
      throws Exception {
    if (!launch.isOneOfSeveral()) {
      return new Ranks(Optional.empty(), launch, err);
    }
    try {
      boolean onGpus =
          MachineCheckup.Surroundings.inspect().gpuPresent()
              && intended.call() instanceof Device.Cuda;
      Consumer<String> told = what -> tell(err, launch.rank(), what);
      ProcessGroup group = group(launch, limits, onGpus, told);
      return new Ranks(Optional.of(group), launch, err);
    } catch (RuntimeException failure) {
      leaveItToTheFirst(launch.rank());
      throw failure;
    }
  }

  /// Where ranks that MPI started have a GPU each, NCCL takes over; MPI only brings its id.
  private static ProcessGroup throughMpi(
      Launch launch, WaitLimits limits, boolean onGpus, Consumer<String> told) {
    MpiGroup mpi = MpiGroup.join(launch, limits, told);
    if (!mpi.any(onGpus)) {
      return mpi;
    }
    String visible = String.valueOf(System.getenv("CUDA_VISIBLE_DEVICES"));
    OptionalInt gpu = NcclGroup.ownGpu(mpi, onGpus ? Engine.cudaDevices() : 0, visible);
    Optional<NcclGroup> nccl =
        gpu.isPresent()
            ? NcclGroup.over(mpi, Engine.start(new Device.Cuda(gpu.getAsInt()), 1), limits, told)
            : Optional.empty();
    if (nccl.isEmpty() && mpi.isFirst()) {
      told.accept(
          "not every rank has a GPU of its own and NCCL: tensors go through the host and MPI");
    }
    return nccl.<ProcessGroup>map(group -> group).orElse(mpi);
  }

  /// Ranks that torchrun's variables describe have no MPI: on GPUs they speak through NCCL.
  private static ProcessGroup group(
      Launch launch, WaitLimits limits, boolean onGpus, Consumer<String> told) {
    Map<String, String> environment = System.getenv();
    if (launch.by() != Launch.Starter.TORCHRUN || Launch.hasMpi(environment)) {
      return throughMpi(launch, limits, onGpus, told);
    }
    int gpus = Engine.cudaDevices();
    int local = gpus == 1 ? 0 : launch.localRank().orElse(0);
    if (local >= gpus) {
      throw new MachineException(
          "LOCAL_RANK=%d, but this process sees %d GPUs: ranks in torchrun's manner have one each; on a CPU start them with mpirun, srun or --ranks, or unset LOCAL_RANK to train in one process"
              .formatted(local, gpus));
    }
    Engine engine = Engine.start(new Device.Cuda(local), 1);
    return NcclGroup.join(launch, environment, engine, limits, told);
  }

  Group group() {
    return several.<Group>map(group -> group).orElse(Group.ALONE);
  }

  Optional<ProcessGroup> several() {
    return several;
  }

  /// Does a command's work; whatever it throws on one of several ranks ends all of them, with this
  /// rank's message.
  int run(Callable<Integer> work) throws Exception {
    if (several.isEmpty()) {
      return work.call();
    }
    try {
      return work.call();
    } catch (Throwable failure) {
      leaveItToTheFirst(launch.rank());
      ErrorReport report = ErrorReport.of(failure);
      new ErrorReport(
              report.exitCode(),
              "rank %d: %s".formatted(launch.rank(), report.message()),
              report.bug())
          .print(err, failure, false);
      several.get().abort(report.exitCode());
      throw failure;
    }
  }

  private static void leaveItToTheFirst(int rank) {
    if (rank > 0) {
      LockSupport.parkNanos(FIRST_RANK_SPEAKS.toNanos());
    }
  }

  private static void tell(PrintWriter err, int rank, String what) {
    err.printf("eosin: rank %d: %s%n", rank, what);
    err.flush();
  }

  @Override
  public void close() {
    several.ifPresent(ProcessGroup::close);
  }
}
