package dev.eosin.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class MatrixProductsTest {
  @Test
  void amdProcessorsTakeOneDnn() {
    assertThat(MatrixProducts.best(Stream.of("processor\t: 0", "vendor_id\t: AuthenticAMD")))
        .isEqualTo(MatrixProducts.ONEDNN);
  }

  @Test
  void othersTakeWhatLibtorchTakes() {
    assertThat(MatrixProducts.best(Stream.of("vendor_id\t: GenuineIntel")))
        .isEqualTo(MatrixProducts.LIBTORCH);
    assertThat(MatrixProducts.best(Stream.of())).isEqualTo(MatrixProducts.LIBTORCH);
    assertThat(MatrixProducts.best(new Device.Cuda(0))).isEqualTo(MatrixProducts.LIBTORCH);
  }
}
