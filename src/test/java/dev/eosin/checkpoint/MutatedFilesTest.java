package dev.eosin.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import dev.eosin.ParityCase;
import dev.eosin.config.DataException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whatever happens to a good file's bytes, it is read or refused with one line naming it: nothing
/// else is thrown, nothing hangs, and little is allocated.
///
/// More mutations are tried with the system property `eosin.mutations`, for all files together a
/// million with `mvn -q -Dlauncher -Dtest=MutatedFilesTest -Deosin.mutations=167000 test`.
@Timeout(value = 3, unit = TimeUnit.HOURS)
class MutatedFilesTest {
  private static final Path RECORDED = Path.of("src/test/resources/weights");
  private static final int MUTATIONS = Integer.getInteger("eosin.mutations", 800);

  /// Far more than reading the good files takes.
  private static final long MOST_BYTES = 64L << 20;

  private final ParityCase parity = ParityCase.open("checkpoints");
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "shared_storage_views.pt",
        "parameter_objects.pt",
        "legacy_nonzip.pt",
        "views_expected.safetensors",
        "program.pt"
      })
  void mutatedFileIsReadOrRefusedInOneLine(String file) throws IOException {
    byte[] good = good(file);
    int read = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      byte[] bad = Mutation.of(good, i).apply(good);
      read += isRead(folder.resolve("mutated"), bad, file + ", mutation " + i) ? 1 : 0;
    }
    assertThat(read).as("neither all nor none are read").isBetween(1, MUTATIONS - 1);
  }

  @Test
  void mutatedIndexIsReadOrRefusedInOneLine() throws IOException {
    for (String shard :
        List.of("pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin")) {
      Files.copy(RECORDED.resolve(shard), folder.resolve(shard));
    }
    byte[] good = Files.readAllBytes(RECORDED.resolve("pytorch_model.bin.index.json"));
    Path index = folder.resolve("pytorch_model.bin.index.json");
    Files.write(index, good);
    // The first JSON of a process loads classes, which counts as allocation.
    StoredTensors.open(index).close();
    int read = 0;
    for (int i = 0; i < MUTATIONS; i++) {
      read += isRead(index, Mutation.of(good, i).apply(good), "index, mutation " + i) ? 1 : 0;
    }
    assertThat(read).as("neither all nor none are read").isBetween(1, MUTATIONS - 1);
  }

  @ParameterizedTest
  @ValueSource(strings = {"shared_storage_views.pt", "views_expected.safetensors"})
  void fileTruncatedAnywhereIsRefused(String file) throws IOException {
    byte[] good = Files.readAllBytes(parity.file(file));
    for (int length = 0; length < good.length; length += length < 512 ? 1 : 7) {
      byte[] bad = Arrays.copyOf(good, length);
      assertThat(isRead(folder.resolve("cut"), bad, file + " cut to " + length))
          .as("cut to %d", length)
          .isFalse();
    }
  }

  private byte[] good(String file) throws IOException {
    Path recorded = RECORDED.resolve(file);
    return Files.readAllBytes(Files.exists(recorded) ? recorded : parity.file(file));
  }

  /// A shard that an index leads to may be the one at fault.
  private boolean isRead(Path path, byte[] bytes, String what) throws IOException {
    Files.write(path, bytes);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try (StoredTensors file = StoredTensors.open(path)) {
      for (String name : file.names()) {
        TensorData data = file.entry(name);
        assertThat(data.bytes().byteSize()).isEqualTo(data.elements() * data.type().bytes());
      }
      return true;
    } catch (DataException e) {
      assertThat(e).as(what).hasMessageStartingWith(folder.toString()).message().hasLineCount(1);
      return false;
    } catch (RuntimeException | Error e) {
      throw new AssertionError(what, e);
    } finally {
      assertThat(threads.getCurrentThreadAllocatedBytes() - before).as(what).isLessThan(MOST_BYTES);
    }
  }
}
