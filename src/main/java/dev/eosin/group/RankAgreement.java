package dev.eosin.group;

import dev.eosin.config.MachineException;
import dev.eosin.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32C;

/// By which ranks see that they have and do the same.
public final class RankAgreement {
  private static final long MOST = 1 << 30;

  private RankAgreement() {}

  /// CRC-32C of the bytes, in order; eight hexadecimal digits.
  static String digest(List<Tensor> tensors) {
    var sum = new CRC32C();
    for (Tensor tensor : tensors) {
      try (Tensor host = tensor.hostCopy()) {
        MemorySegment all = host.segment();
        for (long from = 0; from < all.byteSize(); from += MOST) {
          sum.update(all.asSlice(from, Math.min(MOST, all.byteSize() - from)).asByteBuffer());
        }
      }
    }
    return String.format(Locale.ROOT, "%08x", sum.getValue());
  }

  /// A digest of all values of some tensors, which is that of every rank.
  ///
  /// @throws MachineException naming a rank whose values are others
  public static String sameWeights(Group group, List<Tensor> tensors) {
    String own = digest(tensors);
    return same(group, own, "the weights of rank %d are not those of rank 0 any more (%s, %s)");
  }

  /// What every rank says, which is the same.
  ///
  /// @param otherwise a message with the rank, what it said and what rank 0 said
  /// @throws MachineException with that message
  public static String same(Group group, String own, String otherwise) {
    List<String> all =
        group.exchange(own.getBytes(StandardCharsets.UTF_8)).stream()
            .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
            .toList();
    for (int rank = 1; rank < all.size(); rank++) {
      if (!all.get(rank).equals(all.getFirst())) {
        throw new MachineException(otherwise.formatted(rank, all.get(rank), all.getFirst()));
      }
    }
    return own;
  }
}
