package dev.eosin.group;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.MachineException;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

class RendezvousTest {
  private static final byte[] MADE = {1, 2, 3};

  private static Rendezvous at(int port, Duration patience) {
    return Rendezvous.of(
        Map.of("MASTER_ADDR", "127.0.0.1", "MASTER_PORT", String.valueOf(port)), patience);
  }

  private static int freePort() throws IOException {
    try (ServerSocket free = new ServerSocket(0)) {
      return free.getLocalPort();
    }
  }

  private static List<byte[]> meet(int port, int... sizes) throws Exception {
    Rendezvous place = at(port, Duration.ofSeconds(20));
    try (ExecutorService threads = Executors.newFixedThreadPool(sizes.length)) {
      List<Future<byte[]>> all = new ArrayList<>();
      for (int rank = sizes.length - 1; rank >= 0; rank--) {
        int number = rank;
        all.add(threads.submit(() -> place.share(number, sizes[number], MADE.length, MADE::clone)));
      }
      List<byte[]> found = new ArrayList<>();
      for (Future<byte[]> each : all) {
        found.add(each.get());
      }
      return found;
    }
  }

  @Test
  void allRanksHaveWhatTheFirstOneMade() throws Exception {
    assertThat(meet(freePort(), 3, 3, 3)).hasSize(3).allMatch(found -> found.length == 3);
  }

  @Test
  void strangersAreSentAway() throws Exception {
    int port = freePort();
    Thread stranger =
        Thread.ofPlatform()
            .start(
                () -> {
                  for (boolean called = false; !called; ) {
                    try (Socket call = new Socket("127.0.0.1", port)) {
                      call.getOutputStream().write("GET / HTTP/1.1\r\n\r\n".getBytes());
                      called = true;
                    } catch (IOException notYet) {
                      Thread.onSpinWait();
                    }
                  }
                });
    try (ExecutorService first = Executors.newSingleThreadExecutor()) {
      Rendezvous place = at(port, Duration.ofSeconds(20));
      Future<byte[]> given = first.submit(() -> place.share(0, 2, 3, MADE::clone));
      stranger.join();
      assertThat(place.share(1, 2, 3, MADE::clone)).isEqualTo(MADE);
      assertThat(given.get()).isEqualTo(MADE);
    }
  }

  @Test
  void otherNumbersOfRanksAndLateRanksAreErrors() throws Exception {
    int port = freePort();
    assertThatThrownBy(() -> meet(port, 2, 3))
        .isInstanceOf(ExecutionException.class)
        .hasCauseInstanceOf(MachineException.class)
        .hasMessageContaining("set the same WORLD_SIZE everywhere");
    Rendezvous alone = at(freePort(), Duration.ofMillis(100));
    assertThatThrownBy(() -> alone.share(0, 2, 3, MADE::clone))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("1 of 2 ranks came");
    assertThatThrownBy(() -> alone.share(1, 2, 3, MADE::clone))
        .isInstanceOf(MachineException.class)
        .hasMessageContaining("rank 1 cannot meet the others");
  }

  @Test
  void theEnvironmentSaysWhere() {
    Map<String, String> torchrun =
        Map.of(
            "MASTER_ADDR", "node-1",
            "MASTER_PORT", "29400",
            "TORCHELASTIC_USE_AGENT_STORE", "True");
    assertThat(Rendezvous.of(torchrun, Duration.ZERO))
        .isEqualTo(new Rendezvous("node-1", 29_401, Duration.ZERO));
    assertThatThrownBy(() -> Rendezvous.of(Map.of("MASTER_ADDR", "node-1"), Duration.ZERO))
        .isInstanceOf(MachineException.class)
        .hasMessageStartingWith("MASTER_PORT is not set");
    assertThatThrownBy(
            () ->
                Rendezvous.of(
                    Map.of("MASTER_ADDR", "node-1", "MASTER_PORT", "many"), Duration.ZERO))
        .isInstanceOf(MachineException.class)
        .hasMessage("MASTER_PORT='many' is no port");
  }
}
