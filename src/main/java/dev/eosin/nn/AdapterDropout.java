package dev.eosin.nn;

import dev.eosin.random.RandomKey;
import dev.eosin.random.RandomKey.Purpose;
import dev.eosin.random.RandomStream;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/// Dropout of what enters the low-rank adapters of one step's rows: every element of every adapted
/// linear's input on its own, peft's `lora_dropout`. What is left out depends on the seed, the
/// sample's global position, the tower, the block and the token alone: not on parts of a batch, on
/// how far captions are padded, or on whether a block is computed a second time.
///
/// Evaluation has none: it is given to a forward pass, not to a model. A GPU draws other bits than
/// a CPU, so that a run that changes between them goes on with other dropout.
///
/// Source: peft 0.21.0 `tuners/lora/layer.py` (`lora_B(lora_A(dropout(x))) * scaling`).
///
/// @param key of the run
/// @param positions of the rows: global sample positions `[b]`
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record AdapterDropout(RandomKey key, long... positions) {
  /// Bits of the inputs that are left out, packed eight to a byte, the lowest first, each token's
  /// rounded up to 64: uint8 [b,n,8 ceil(inputs / 64)]. The caller closes them. An eighth of a byte
  /// for each element is what a pass that is computed again has to keep.
  ///
  /// @param tower the transformer's prefix
  /// @param layer from 0
  /// @param tokens n
  /// @param inputs of all adapted linears of a block together
  /// @param share that is left out
  public Tensor bits(Engine engine, String tower, int layer, int tokens, int inputs, double share) {
    long[] lengths = new long[positions.length];
    Arrays.fill(lengths, tokens);
    if (engine.device() instanceof Device.Cuda) {
      return drawnThere(engine, tower, layer, inputs, share, false, lengths);
    }
    byte[] bytes = drawn(tower, layer, inputs, share, lengths);
    return engine.of(
        bytes, positions.length, tokens, bytes.length / ((long) positions.length * tokens));
  }

  /// The same for rows that stand one after the other in one, each with the bits that it has alone:
  /// uint8 [1,n,8 ceil(inputs / 64)]. The caller closes them.
  ///
  /// @param lengths of the rows, n together
  public Tensor packed(
      Engine engine, String tower, int layer, int inputs, double share, long... lengths) {
    if (engine.device() instanceof Device.Cuda) {
      return drawnThere(engine, tower, layer, inputs, share, true, lengths);
    }
    byte[] bytes = drawn(tower, layer, inputs, share, lengths);
    long tokens = Arrays.stream(lengths).sum();
    return engine.of(bytes, 1, tokens, bytes.length / tokens);
  }

  /// Drawn by the engine's device from a seed for each row: other bits than [#drawn]'s, just as
  /// independent of everything but seed, position, tower, block and token. A GPU would wait for
  /// bits that Java draws.
  Tensor drawnThere(
      Engine engine,
      String tower,
      int layer,
      int inputs,
      double share,
      boolean oneRow,
      long... lengths) {
    long[] seeds =
        Arrays.stream(positions).map(each -> stream(each, tower, layer).nextLong()).toArray();
    try (Tensor there = engine.of(seeds, seeds.length)) {
      return engine
          .kernels()
          .one(
              "bits_left_out",
              there,
              lengths,
              Math.ceilDiv(inputs, Long.SIZE) * Long.BYTES,
              share,
              oneRow);
    }
  }

  private byte[] drawn(String tower, int layer, int inputs, double share, long... lengths) {
    int words = Math.ceilDiv(inputs, Long.SIZE);
    long tokens = Arrays.stream(lengths).sum();
    var bytes =
        ByteBuffer.allocate(Math.toIntExact(tokens * words * Long.BYTES))
            .order(ByteOrder.LITTLE_ENDIAN);
    for (int row = 0; row < lengths.length; row++) {
      RandomStream random = stream(positions[row], tower, layer);
      for (long word = 0; word < lengths[row] * words; word++) {
        bytes.putLong(random.nextBits(share));
      }
    }
    return bytes.array();
  }

  /// A sample's own key, then one stream for each of its blocks. The hash of a String is specified.
  private RandomStream stream(long position, String tower, int layer) {
    var sample = new RandomKey(key.stream(Purpose.ADAPTER_DROPOUT, 0, position).nextLong());
    return sample.stream(Purpose.ADAPTER_DROPOUT, tower.hashCode(), layer);
  }

  @Override
  public String toString() {
    return "AdapterDropout of " + Arrays.toString(positions);
  }
}
