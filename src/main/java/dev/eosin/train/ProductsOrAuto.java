package dev.eosin.train;

import dev.eosin.config.WrittenAs;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.MatrixProducts;

/// The key `compute.matrix-products`: libraries, or `auto`, where Eosin chooses.
@WrittenAs(
    pattern = "auto|(libtorch|onednn)(,(libtorch|onednn),(libtorch|onednn))?",
    example = {"auto", "onednn", "onednn,onednn,libtorch"})
public sealed interface ProductsOrAuto {
  /// Chosen ones.
  record Chosen(MatrixProducts products) implements ProductsOrAuto {
    @Override
    public String toString() {
      return products.toString();
    }
  }

  /// Eosin chooses.
  record Auto() implements ProductsOrAuto {
    @Override
    public String toString() {
      return "auto";
    }
  }

  /// The chosen ones, or the fastest of this machine.
  ///
  /// @param threads of one product
  default MeasuredProducts on(Device device, int threads) {
    return switch (this) {
      case Chosen(MatrixProducts products) -> new MeasuredProducts(products, "chosen");
      case Auto() -> MeasuredProducts.of(device, threads);
    };
  }

  /// Reads `auto` or what [MatrixProducts#parse] reads.
  static ProductsOrAuto parse(String text) {
    return text.equals("auto") ? new Auto() : new Chosen(MatrixProducts.parse(text));
  }
}
