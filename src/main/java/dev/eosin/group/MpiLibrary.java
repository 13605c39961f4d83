package dev.eosin.group;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.eosin.config.MachineException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.List;
import java.util.Optional;

/// The functions of an installed MPI that ranks need, called without a line of C.
///
/// Handles (communicators, types, operations) are addresses in Open MPI and ints in MPICH; both are
/// handed over in one integer register, so that all are longs here.
///
/// Source: the MPI standard 3.1; the numbers of MPICH's handles are from its mpi.h, which its ABI
/// initiative keeps (Intel MPI and MVAPICH have the same).
final class MpiLibrary {
  private static final int LONGEST_TEXT = 8192;

  /// The calling thread alone calls MPI.
  private static final int FUNNELED = 1;

  private static final int NO_ERROR = 0;

  /// What the two families of implementations call the same things.
  ///
  /// @param inPlace stands for a send buffer that is the receive buffer
  record Handles(
      String family,
      long world,
      long bytes,
      long floats,
      long doubles,
      long sum,
      long errorsReturn,
      long inPlace) {
    static Handles of(SymbolLookup library) {
      return library.find("ompi_mpi_comm_world").isPresent()
          ? new Handles(
              "Open MPI",
              address(library, "ompi_mpi_comm_world"),
              address(library, "ompi_mpi_byte"),
              address(library, "ompi_mpi_float"),
              address(library, "ompi_mpi_double"),
              address(library, "ompi_mpi_op_sum"),
              address(library, "ompi_mpi_errors_return"),
              1)
          : new Handles(
              "MPICH",
              0x44000000L,
              0x4c00010dL,
              0x4c00040aL,
              0x4c00080bL,
              0x58000003L,
              0x54000001L,
              -1);
    }

    private static long address(SymbolLookup library, String symbol) {
      return library.findOrThrow(symbol).address();
    }
  }

  private final String file;
  private final Handles handles;
  private final MethodHandle init;
  private final MethodHandle end;
  private final MethodHandle rank;
  private final MethodHandle size;
  private final MethodHandle broadcast;
  private final MethodHandle sum;
  private final MethodHandle sumForOne;
  private final MethodHandle gather;
  private final MethodHandle gatherUneven;
  private final MethodHandle abort;
  private final MethodHandle errorsTo;
  private final MethodHandle errorText;
  private final MethodHandle libraryVersion;
  private final MethodHandle rowType;
  private final MethodHandle commitType;
  private final MethodHandle freeType;

  private MpiLibrary(String file, SymbolLookup library) {
    this.file = file;
    this.handles = Handles.of(library);
    init = function(library, "MPI_Init_thread", ADDRESS, ADDRESS, JAVA_INT, ADDRESS);
    end = function(library, "MPI_Finalize");
    rank = function(library, "MPI_Comm_rank", JAVA_LONG, ADDRESS);
    size = function(library, "MPI_Comm_size", JAVA_LONG, ADDRESS);
    broadcast = function(library, "MPI_Bcast", ADDRESS, JAVA_INT, JAVA_LONG, JAVA_INT, JAVA_LONG);
    sum =
        function(
            library, "MPI_Allreduce", ADDRESS, ADDRESS, JAVA_INT, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    sumForOne =
        function(
            library,
            "MPI_Reduce",
            ADDRESS,
            ADDRESS,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG,
            JAVA_INT,
            JAVA_LONG);
    gather =
        function(
            library,
            "MPI_Allgather",
            ADDRESS,
            JAVA_INT,
            JAVA_LONG,
            ADDRESS,
            JAVA_INT,
            JAVA_LONG,
            JAVA_LONG);
    gatherUneven =
        function(
            library,
            "MPI_Allgatherv",
            ADDRESS,
            JAVA_INT,
            JAVA_LONG,
            ADDRESS,
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            JAVA_LONG);
    abort = function(library, "MPI_Abort", JAVA_LONG, JAVA_INT);
    errorsTo = function(library, "MPI_Comm_set_errhandler", JAVA_LONG, JAVA_LONG);
    errorText = function(library, "MPI_Error_string", JAVA_INT, ADDRESS, ADDRESS);
    libraryVersion = function(library, "MPI_Get_library_version", ADDRESS, ADDRESS);
    rowType = function(library, "MPI_Type_contiguous", JAVA_INT, JAVA_LONG, ADDRESS);
    commitType = function(library, "MPI_Type_commit", ADDRESS);
    freeType = function(library, "MPI_Type_free", ADDRESS);
  }

  /// The first of these libraries that the machine has. What it brings with it looks at its
  /// environment while it is loaded, so that this is set before.
  ///
  /// @param names as the loader finds them, or paths
  static Optional<MpiLibrary> find(List<String> names) {
    NativeEnvironment.set(NativeEnvironment.BEFORE_MPI);
    for (String name : names) {
      try {
        SymbolLookup library = SymbolLookup.libraryLookup(name, Arena.global());
        return Optional.of(new MpiLibrary(name, library));
      } catch (IllegalArgumentException absent) {
        // The next name may be there.
      }
    }
    return Optional.empty();
  }

  private static MethodHandle function(
      SymbolLookup library, String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  Handles handles() {
    return handles;
  }

  /// The file and what it says of itself, in one line.
  String version() {
    return "%s (%s)".formatted(text(libraryVersion).lines().findFirst().orElse("").strip(), file);
  }

  /// Begins MPI on this thread, which alone may call it from now on.
  void init() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment none = MemorySegment.NULL;
      check((int) init.invokeExact(none, none, FUNNELED, arena.allocate(JAVA_INT)));
      check((int) errorsTo.invokeExact(handles.world, handles.errorsReturn));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void end() {
    try {
      check((int) end.invokeExact());
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  int rank() {
    return number(rank);
  }

  int size() {
    return number(size);
  }

  private int number(MethodHandle of) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment found = arena.allocate(JAVA_INT);
      check((int) of.invokeExact(handles.world, found));
      return found.get(JAVA_INT, 0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// @param count of bytes
  /// @param from the rank that has them
  void broadcast(MemorySegment memory, int count, int from) {
    try {
      check((int) broadcast.invokeExact(memory, count, handles.bytes, from, handles.world));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// In place.
  ///
  /// @param type [Handles#floats] or [Handles#doubles]
  void sum(MemorySegment memory, int count, long type) {
    try {
      MemorySegment inPlace = MemorySegment.ofAddress(handles.inPlace);
      check((int) sum.invokeExact(inPlace, memory, count, type, handles.sum, handles.world));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// In the memory of the rank that gets the sum; the others keep what they bring. Not in place:
  /// MPICH 4.0.2 reads its own mark for that as an address here and ends the process.
  ///
  /// @param type [Handles#floats] or [Handles#doubles]
  /// @param to the rank that gets it
  void sum(MemorySegment memory, int count, long type, int to, int rank) {
    try (Arena arena = Arena.ofConfined()) {
      boolean mine = rank == to;
      MemorySegment sum = mine ? arena.allocate(memory.byteSize(), 64) : MemorySegment.NULL;
      check((int) sumForOne.invokeExact(memory, sum, count, type, handles.sum, to, handles.world));
      if (mine) {
        memory.copyFrom(sum);
      }
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// As many bytes of every rank.
  void gather(MemorySegment own, MemorySegment all, int bytes) {
    try {
      check(
          (int)
              gather.invokeExact(
                  own, bytes, handles.bytes, all, bytes, handles.bytes, handles.world));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// Rows of every rank, one after the other.
  ///
  /// @param rows of each rank
  /// @param bytes of a row
  void gather(MemorySegment own, MemorySegment all, int[] rows, int rank, int bytes) {
    int[] starts = new int[rows.length];
    for (int i = 1; i < rows.length; i++) {
      starts[i] = Math.addExact(starts[i - 1], rows[i - 1]);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment type = arena.allocate(JAVA_LONG);
      check((int) rowType.invokeExact(bytes, handles.bytes, type));
      check((int) commitType.invokeExact(type));
      long row = type.get(JAVA_LONG, 0);
      check(
          (int)
              gatherUneven.invokeExact(
                  own,
                  rows[rank],
                  row,
                  all,
                  arena.allocateFrom(JAVA_INT, rows),
                  arena.allocateFrom(JAVA_INT, starts),
                  row,
                  handles.world));
      check((int) freeType.invokeExact(type));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// Ends the whole job; returns seldom.
  void abort(int code) {
    try {
      check((int) abort.invokeExact(handles.world, code));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private void check(int status) {
    if (status != NO_ERROR) {
      throw new IllegalStateException("MPI failed with status " + status + ": " + error(status));
    }
  }

  private String error(int status) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(LONGEST_TEXT);
      int failed = (int) errorText.invokeExact(status, text, arena.allocate(JAVA_INT));
      return failed == NO_ERROR ? text.getString(0) : "it does not say why";
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private String text(MethodHandle of) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment text = arena.allocate(LONGEST_TEXT);
      check((int) of.invokeExact(text, arena.allocate(JAVA_INT)));
      return text.getString(0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static RuntimeException rethrown(Throwable e) {
    return switch (e) {
      case Error error -> throw error;
      case RuntimeException unchecked -> unchecked;
      default -> new MachineException("MPI cannot be called: " + e);
    };
  }
}
