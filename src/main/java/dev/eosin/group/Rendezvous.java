package dev.eosin.group;

import dev.eosin.config.MachineException;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/// Where ranks that no MPI started find each other: the first one listens at `MASTER_ADDR` and
/// `MASTER_PORT`, as torch's does, and gives each of the others the same few bytes. Nothing else
/// goes this way.
///
/// @param patience how long ranks wait for each other
record Rendezvous(String host, int port, Duration patience) {
  private static final String HOST = "MASTER_ADDR";
  private static final String PORT = "MASTER_PORT";

  /// Where torchrun itself listens at the port; Eosin takes the next one then.
  private static final String TAKEN = "TORCHELASTIC_USE_AGENT_STORE";

  private static final int MOST_PORT = 65_535;

  /// What a rank says first, so that whoever else calls is sent away.
  private static final int GREETING = 0x656f7331;

  private static final long AGAIN_NANOS = TimeUnit.MILLISECONDS.toNanos(50);
  private static final int ANSWER_MILLIS = 10_000;

  /// What the environment says.
  ///
  /// @throws MachineException naming the variable that is missing or no port
  static Rendezvous of(Map<String, String> environment, Duration patience) {
    String host = environment.get(HOST);
    String port = environment.get(PORT);
    if (host == null || port == null) {
      throw new MachineException(
          "%s is not set: ranks that torchrun's variables describe meet at %s and %s; set both, the same for all ranks"
              .formatted(host == null ? HOST : PORT, HOST, PORT));
    }
    int next = "True".equals(environment.get(TAKEN)) ? 1 : 0;
    try {
      int number = Integer.parseInt(port.strip()) + next;
      if (number > 0 && number <= MOST_PORT) {
        return new Rendezvous(host.strip(), number, patience);
      }
    } catch (NumberFormatException noNumber) {
      // Told below.
    }
    throw new MachineException("%s='%s' is no port".formatted(PORT, port));
  }

  /// What the first rank makes, on every rank.
  ///
  /// @param made on the first rank alone
  /// @param bytes how many it makes
  /// @throws MachineException when ranks do not come in time
  byte[] share(int rank, int size, int bytes, Supplier<byte[]> made) {
    try {
      return rank == 0 ? give(size, made.get()) : take(rank, size, bytes);
    } catch (IOException e) {
      throw new MachineException(
          "rank %d cannot meet the others at %s=%s, port %d: %s"
              .formatted(rank, HOST, host, port, e));
    }
  }

  private byte[] give(int size, byte[] made) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    Set<Integer> served = new HashSet<>();
    try (ServerSocket door = new ServerSocket()) {
      door.setReuseAddress(true);
      door.bind(new InetSocketAddress(port), size);
      while (served.size() < size - 1) {
        door.setSoTimeout(leftMillis(end));
        try (Socket other = door.accept()) {
          other.setSoTimeout(ANSWER_MILLIS);
          served.addAll(serve(other, size, made));
        } catch (SocketTimeoutException late) {
          if (System.nanoTime() > end) {
            throw new MachineException(
                "rank 0 waited %d s at port %d; %d of %d ranks came: start all of them, with the same %s and %s"
                    .formatted(patience.toSeconds(), port, served.size() + 1, size, HOST, PORT));
          }
        }
      }
    }
    return made;
  }

  /// The rank served; none where something else called.
  private static Set<Integer> serve(Socket other, int size, byte[] made) throws IOException {
    var in = new DataInputStream(other.getInputStream());
    var out = new DataOutputStream(other.getOutputStream());
    try {
      if (in.readInt() != GREETING) {
        return Set.of();
      }
      int rank = in.readInt();
      int theirs = in.readInt();
      out.writeInt(size);
      if (theirs != size) {
        throw new MachineException(
            "rank %d says that there are %d ranks, rank 0 says %d: set the same WORLD_SIZE everywhere"
                .formatted(rank, theirs, size));
      }
      out.write(made);
      out.flush();
      return Set.of(rank);
    } catch (IOException gone) {
      return Set.of();
    }
  }

  private byte[] take(int rank, int size, int bytes) throws IOException {
    long end = System.nanoTime() + patience.toNanos();
    while (true) {
      try (Socket first = new Socket()) {
        first.connect(new InetSocketAddress(host, port), leftMillis(end));
        first.setSoTimeout(leftMillis(end));
        var out = new DataOutputStream(first.getOutputStream());
        out.writeInt(GREETING);
        out.writeInt(rank);
        out.writeInt(size);
        out.flush();
        var in = new DataInputStream(first.getInputStream());
        int theirs = in.readInt();
        if (theirs != size) {
          throw new MachineException(
              "rank %d was told of %d ranks, rank 0 of %d: set the same WORLD_SIZE everywhere"
                  .formatted(rank, size, theirs));
        }
        return in.readNBytes(bytes);
      } catch (IOException notYet) {
        if (System.nanoTime() > end) {
          throw notYet;
        }
        LockSupport.parkNanos(AGAIN_NANOS);
      }
    }
  }

  private static int leftMillis(long end) {
    long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
    return Math.toIntExact(Math.clamp(left, 1, Integer.MAX_VALUE));
  }
}
