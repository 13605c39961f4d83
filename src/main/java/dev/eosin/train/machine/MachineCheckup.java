package dev.eosin.train.machine;

import dev.eosin.config.CountOrAuto;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.image.formats.TurboJpeg;
import dev.eosin.tensor.Allocator;
import dev.eosin.tensor.Engine;
import java.io.File;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/// Looks at everything a training run relies on before one is started: Java, libtorch, the GPU,
/// memory, the disk, and MPI for several processes. Each complaint says how to mend it.
///
/// @param surroundings the process and its machine, apart from what is tried out
/// @param folder where runs will be written; it is written to and cleaned up again
public record MachineCheckup(Surroundings surroundings, Path folder) {
  /// What a checkup looks at; a value, so that every verdict can be tested on any machine.
  ///
  /// @param javaRelease feature release of the running Java
  /// @param heapBytes largest heap
  /// @param memoryBytes of the machine or of the container around the process
  /// @param openFiles limit of open files, where the system has one
  /// @param mallocTuned whether glibc keeps freed activations, as the launcher asks it to
  /// @param allocator whose malloc libtorch takes
  /// @param gpuPresent whether the launcher saw an NVIDIA GPU
  /// @param launchers of MPI jobs found on the PATH
  /// @param pathEncoding what the names of files are read in
  public record Surroundings(
      int javaRelease,
      long heapBytes,
      long memoryBytes,
      Optional<Long> openFiles,
      boolean mallocTuned,
      Allocator allocator,
      boolean gpuPresent,
      List<String> launchers,
      String pathEncoding) {
    public Surroundings {
      launchers = List.copyOf(launchers);
    }

    /// This process on this machine.
    public static Surroundings inspect() {
      var system = ManagementFactory.getOperatingSystemMXBean();
      Runtime runtime = Runtime.getRuntime();
      return new Surroundings(
          Runtime.version().feature(),
          runtime.maxMemory(),
          system instanceof com.sun.management.OperatingSystemMXBean machine
              ? machine.getTotalMemorySize()
              : runtime.maxMemory(),
          system instanceof com.sun.management.UnixOperatingSystemMXBean unix
              ? Optional.of(unix.getMaxFileDescriptorCount())
              : Optional.empty(),
          !isGlibc() || System.getenv("MALLOC_TRIM_THRESHOLD_") != null,
          Allocator.current(),
          "present".equals(System.getProperty("eosin.gpu")),
          Stream.of("mpirun", "mpiexec", "srun").filter(Surroundings::onPath).toList(),
          System.getProperty("sun.jnu.encoding", "UTF-8"));
    }

    private static boolean isGlibc() {
      return System.getProperty("os.name", "").startsWith("Linux");
    }

    private static boolean onPath(String program) {
      String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
      return Stream.of(path.split(File.pathSeparator))
          .filter(entry -> !entry.isEmpty())
          .anyMatch(entry -> Files.isExecutable(Path.of(entry, program)));
    }
  }

  private static final long GIB = 1L << 30;
  private static final int JAVA_NEEDED = 25;
  private static final long LEAST_MEMORY = 2 * GIB;
  private static final long COMFORTABLE_MEMORY = 6 * GIB;
  private static final long LEAST_DISK = GIB;
  private static final long COMFORTABLE_DISK = 20 * GIB;
  private static final long LEAST_OPEN_FILES = 1024;

  /// Every finding, in the order in which a run meets them.
  public List<Finding> findings() {
    var findings = new ArrayList<Finding>();
    findings.add(java());
    findings.add(launcher());
    if (!surroundings.gpuPresent && Surroundings.isGlibc()) {
      findings.add(allocator());
    }
    findings.add(locale());
    // While another thread may still be at work in startAhead.
    List<Finding> others = withoutEngine();
    findings.addAll(engine());
    findings.addAll(others);
    return List.copyOf(findings);
  }

  private List<Finding> withoutEngine() {
    var findings = new ArrayList<Finding>();
    findings.add(jpeg(TurboJpeg.find().map(TurboJpeg::version)));
    findings.add(memory());
    findings.add(disk());
    surroundings.openFiles.ifPresent(limit -> findings.add(openFiles(limit)));
    findings.add(mpi());
    return findings;
  }

  /// Loads libtorch and has it compile every kernel, for which a checkup waits longest; to be
  /// called on a thread of its own before there is a checkup. What fails is met again by the
  /// checkup, which says it.
  public static void startAhead() {
    try {
      settings(Engine.cudaDevices()).start().compileKernels();
    } catch (RuntimeException | LinkageError failure) {
      // As above.
    }
  }

  private static ComputeSettings settings(int cudaDevices) {
    return new ComputeSettings(
        cudaDevices > 0 ? Processor.CUDA : Processor.CPU, new CountOrAuto.Auto());
  }

  Finding java() {
    String found =
        "Java %d, heap at most %.1f GiB"
            .formatted(surroundings.javaRelease, surroundings.heapBytes / (double) GIB);
    return surroundings.javaRelease >= JAVA_NEEDED
        ? Finding.fine("java", found)
        : Finding.broken(
            "java", found, "install a JDK %d and set JAVA_HOME to it".formatted(JAVA_NEEDED));
  }

  Finding launcher() {
    return surroundings.mallocTuned
        ? Finding.fine("launcher", "malloc keeps freed activations")
        : Finding.improvable(
            "launcher",
            "malloc gives activations back to the system at every step, a third of the speed",
            "start through ./eosin, or set the MALLOC_ variables of docs/launcher.md");
  }

  /// Measured on CPUs alone.
  Finding allocator() {
    return surroundings.allocator == Allocator.SYSTEM
        ? Finding.improvable(
            "allocator",
            "trainings on a CPU take more memory with the C library's malloc than with tcmalloc (docs/results.md)",
            "install libtcmalloc-minimal4 (Debian, Ubuntu) or gperftools-libs (Fedora); ./eosin takes it")
        : Finding.fine("allocator", surroundings.allocator.title());
  }

  Finding locale() {
    String found = "names of files are read in " + surroundings.pathEncoding;
    return surroundings.pathEncoding.equalsIgnoreCase("UTF-8")
        ? Finding.fine("locale", found)
        : Finding.broken(
            "locale",
            found + ", so that none with an accent can be opened",
            "start through ./eosin, or set LC_ALL=C.UTF-8");
  }

  private List<Finding> engine() {
    try {
      var machine =
          new ComputeSettings.Machine(
              1, surroundings.gpuPresent, Engine.cudaDevices(), Engine.cudaObstacle());
      var findings = new ArrayList<Finding>();
      findings.add(gpu(machine));
      Engine.cudaGpus().forEach(gpu -> findings.add(Finding.fine("gpu", gpu.toString())));
      Engine engine = settings(machine.cudaDevices()).start();
      DeviceTrial trial = DeviceTrial.of(engine);
      // A training may call what the trial does not.
      engine.compileKernels();
      findings.addFirst(computes(engine, trial));
      return findings;
    } catch (RuntimeException | LinkageError failure) {
      return List.of(
          Finding.broken(
              "libtorch",
              "does not start: " + rootOf(failure),
              "remove the folder .cache/native (or ENGINE_CACHE_DIR) and run ./eosin info; with"
                  + " EOSIN_LIBTORCH set, it must name libtorch 2.7.1, or EOSIN_BRIDGE a bridge for"
                  + " its version"));
    }
  }

  /// A block and an update of the weights, on the device that training would use.
  static Finding computes(Engine engine, DeviceTrial trial) {
    String found =
        "libtorch %s computes on %s: %s"
            .formatted(engine.torchVersion(), engine.device().torchName(), trial.told());
    return trial.isRight()
        ? Finding.fine("libtorch", found)
        : Finding.broken(
            "libtorch",
            String.format(
                Locale.ROOT,
                "%s; at most %.0e, %.0e and %.0e are right",
                found,
                DeviceTrial.MOST_EXACT,
                DeviceTrial.MOST_NARROW,
                DeviceTrial.MOST_UPDATE),
            "this libtorch does not fit Eosin's kernels or this device; use version 2.7.1, or train"
                + " with compute.device=cpu");
  }

  Finding gpu(ComputeSettings.Machine machine) {
    if (machine.cudaDevices() > 0) {
      return Finding.fine(
          "gpu",
          "%d CUDA devices%s"
              .formatted(
                  machine.cudaDevices(),
                  Engine.cudaDriver()
                      .map(version -> ", NVIDIA's driver knows CUDA " + version)
                      .orElse("")));
    }
    return machine
        .unusableGpu()
        .map(
            why ->
                Finding.broken(
                    "gpu",
                    "this machine has an NVIDIA GPU, but " + why.found(),
                    why.mend() + "; or train with compute.device=cpu"))
        .orElseGet(
            () -> Finding.fine("gpu", "none; recipes with compute.device: auto train on the CPU"));
  }

  Finding jpeg(Optional<String> turbo) {
    return turbo
        .map(version -> Finding.fine("jpeg", "libturbojpeg " + version))
        .orElseGet(
            () ->
                Finding.improvable(
                    "jpeg",
                    "without libturbojpeg, JPEGs decode to the same pixels at half the speed",
                    "install it, Debian: apt install libturbojpeg0"));
  }

  Finding memory() {
    double gib = surroundings.memoryBytes / (double) GIB;
    String found = "%.1f GiB".formatted(gib);
    if (surroundings.memoryBytes < LEAST_MEMORY) {
      return Finding.broken("memory", found, "the smallest recipe needs 1 GiB beside the system");
    }
    return surroundings.memoryBytes < COMFORTABLE_MEMORY
        ? Finding.improvable(
            "memory", found, "ViT-B-32 at batch 32 needs about 4 GiB: set a smaller batch")
        : Finding.fine("memory", found);
  }

  Finding disk() {
    Path probe = folder.resolve(".eosin-doctor");
    try {
      AtomicFile.write(probe, FileContent.text("written, synced and renamed\n"));
      long free = Files.getFileStore(folder).getUsableSpace();
      return room(free);
    } catch (DataException e) {
      return Finding.broken(
          "disk", String.valueOf(e.getMessage()), "run from a folder that you may write to");
    } catch (IOException e) {
      return Finding.broken(
          "disk",
          "%s: %s".formatted(folder, e.getMessage()),
          "run from a folder that you may write to");
    } finally {
      remove(probe);
    }
  }

  Finding room(long freeBytes) {
    String found =
        "%.1f GiB free in %s"
            .formatted(freeBytes / (double) GIB, folder.toAbsolutePath().normalize());
    if (freeBytes < LEAST_DISK) {
      return Finding.broken("disk", found, "free some space: a checkpoint of ViT-B-32 is 1.8 GB");
    }
    return freeBytes < COMFORTABLE_DISK
        ? Finding.improvable(
            "disk", found, "a checkpoint of ViT-L-14 is 5 GB: lower output.keep or free some space")
        : Finding.fine("disk", found);
  }

  private static void remove(Path probe) {
    try {
      Files.deleteIfExists(probe);
    } catch (IOException leftBehind) {
      // An empty probe harms nobody, and the verdict on the disk stands.
    }
  }

  Finding openFiles(long limit) {
    String found = "at most %d".formatted(limit);
    return limit >= LEAST_OPEN_FILES
        ? Finding.fine("open files", found)
        : Finding.improvable("open files", found, "raise it with 'ulimit -n 4096'");
  }

  Finding mpi() {
    return Finding.fine(
        "mpi",
        surroundings.launchers.isEmpty()
            ? "no mpirun, mpiexec or srun on the PATH; one process needs none"
            : String.join(", ", surroundings.launchers) + " on the PATH");
  }

  private static Throwable rootOf(Throwable failure) {
    Throwable cause = failure.getCause();
    return cause == null ? failure : rootOf(cause);
  }
}
