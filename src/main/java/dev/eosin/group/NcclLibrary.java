package dev.eosin.group;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import dev.eosin.config.MachineException;
import dev.eosin.tensor.DType;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Optional;

/// The functions of NCCL that ranks on GPUs need, called without a line of C. Collectives are put
/// on a stream; they return before they are done.
///
/// Source: `nccl.h` of NCCL 2, whose functions and numbers are the same since 2.10 (bf16).
final class NcclLibrary {
  /// Bytes of what makes ranks one group (`NCCL_UNIQUE_ID_BYTES`).
  static final int ID_BYTES = 128;

  private static final StructLayout ID =
      MemoryLayout.structLayout(MemoryLayout.sequenceLayout(ID_BYTES, JAVA_BYTE));
  private static final String FILE = "libnccl.so.2";
  private static final int SUM = 0;
  private static final int LONGEST_TEXT = 4096;

  private final String place;
  private final MethodHandle version;
  private final MethodHandle newId;
  private final MethodHandle join;
  private final MethodHandle sum;
  private final MethodHandle sumForOne;
  private final MethodHandle broadcast;
  private final MethodHandle gather;
  private final MethodHandle leave;
  private final MethodHandle errorText;

  /// @param place for messages
  NcclLibrary(String place, SymbolLookup library) {
    this.place = place;
    version = function(library, "ncclGetVersion", ADDRESS);
    newId = function(library, "ncclGetUniqueId", ADDRESS);
    join = function(library, "ncclCommInitRank", ADDRESS, JAVA_INT, ID, JAVA_INT);
    sum =
        function(
            library,
            "ncclAllReduce",
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS);
    sumForOne =
        function(
            library,
            "ncclReduce",
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS);
    broadcast =
        function(
            library,
            "ncclBroadcast",
            ADDRESS,
            ADDRESS,
            JAVA_LONG,
            JAVA_INT,
            JAVA_INT,
            ADDRESS,
            ADDRESS);
    gather =
        function(library, "ncclAllGather", ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS);
    leave = function(library, "ncclCommDestroy", ADDRESS);
    errorText =
        Linker.nativeLinker()
            .downcallHandle(
                library.findOrThrow("ncclGetErrorString"),
                FunctionDescriptor.of(ADDRESS, JAVA_INT));
  }

  private static MethodHandle function(
      SymbolLookup library, String name, MemoryLayout... arguments) {
    return Linker.nativeLinker()
        .downcallHandle(library.findOrThrow(name), FunctionDescriptor.of(JAVA_INT, arguments));
  }

  /// libtorch's own where it has one inside, else the file that is installed.
  ///
  /// @throws MachineException when there is neither
  static NcclLibrary find(Engine engine) {
    return findAny(engine)
        .orElseThrow(
            () ->
                new MachineException(
                    "ranks on GPUs speak through NCCL, but libtorch has none inside and %s was not found; install it (pip's nvidia-nccl-cu12 or apt install libnccl2, its folder on LD_LIBRARY_PATH), or start the ranks through MPI: mpirun"
                        .formatted(FILE)));
  }

  /// As above, or nothing.
  static Optional<NcclLibrary> findAny(Engine engine) {
    SymbolLookup torch = engine.cudaSymbols().orElse(name -> Optional.empty());
    if (torch.find("ncclCommInitRank").isPresent()) {
      return Optional.of(new NcclLibrary("libtorch's own", torch));
    }
    try {
      return Optional.of(new NcclLibrary(FILE, SymbolLookup.libraryLookup(FILE, Arena.global())));
    } catch (IllegalArgumentException absent) {
      return Optional.empty();
    }
  }

  /// NCCL's number of a type.
  static int type(DType type) {
    return switch (type) {
      case INT8 -> 0;
      case UINT8, BOOL -> 1;
      case INT32 -> 2;
      case INT64 -> 4;
      case FLOAT16 -> 6;
      case FLOAT32 -> 7;
      case FLOAT64 -> 8;
      case BFLOAT16 -> 9;
    };
  }

  /// The version and where it was found, in one line.
  String version() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment number = arena.allocate(JAVA_INT);
      check((int) version.invokeExact(number));
      int found = number.get(JAVA_INT, 0);
      return "NCCL %d.%d.%d (%s)".formatted(found / 10_000, found / 100 % 100, found % 100, place);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// What the ranks of one group have in common; made by one of them.
  byte[] newId() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment id = arena.allocate(ID);
      check((int) newId.invokeExact(id));
      return id.toArray(JAVA_BYTE);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// Waits for all ranks of the group; computes on this thread's current GPU.
  ///
  /// @return this rank's handle of the group
  MemorySegment join(byte[] id, int rank, int size) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment handle = arena.allocate(ADDRESS);
      MemorySegment bytes = arena.allocate(ID);
      MemorySegment.copy(id, 0, bytes, JAVA_BYTE, 0, ID_BYTES);
      check((int) join.invokeExact(handle, size, bytes, rank));
      return handle.get(ADDRESS, 0);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// In place.
  void sum(Tensor all, MemorySegment handle, MemorySegment stream) {
    try {
      MemorySegment memory = all.address();
      check(
          (int)
              sum.invokeExact(
                  memory, memory, all.elements(), type(all.dtype()), SUM, handle, stream));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// In place on one rank; the others keep what they bring.
  void sum(Tensor all, int to, MemorySegment handle, MemorySegment stream) {
    try {
      MemorySegment memory = all.address();
      check(
          (int)
              sumForOne.invokeExact(
                  memory, memory, all.elements(), type(all.dtype()), SUM, to, handle, stream));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// In place.
  void broadcast(Tensor all, int from, MemorySegment handle, MemorySegment stream) {
    try {
      MemorySegment memory = all.address();
      check(
          (int)
              broadcast.invokeExact(
                  memory, memory, all.elements(), type(all.dtype()), from, handle, stream));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// @param own as many elements on every rank
  /// @param all of all ranks, one after the other
  void gather(Tensor own, Tensor all, MemorySegment handle, MemorySegment stream) {
    try {
      check(
          (int)
              gather.invokeExact(
                  own.address(), all.address(), own.elements(), type(own.dtype()), handle, stream));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /// In good order, when what was put on streams is done.
  void leave(MemorySegment handle) {
    try {
      check((int) leave.invokeExact(handle));
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private void check(int status) throws Throwable {
    if (status != 0) {
      MemorySegment text = (MemorySegment) errorText.invokeExact(status);
      throw new IllegalStateException(
          "NCCL failed with status %d: %s (NCCL_DEBUG=INFO says more)"
              .formatted(status, text.reinterpret(LONGEST_TEXT).getString(0)));
    }
  }

  private static RuntimeException rethrown(Throwable e) {
    return switch (e) {
      case Error error -> throw error;
      case RuntimeException unchecked -> unchecked;
      default -> new MachineException("NCCL cannot be called: " + e);
    };
  }
}
