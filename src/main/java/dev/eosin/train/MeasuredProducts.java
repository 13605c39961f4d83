package dev.eosin.train;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.file.SharedFile;
import dev.eosin.file.UserCache;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.Engine;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.tensor.ProductRates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Supplier;

/// The libraries whose matrix products are fastest on this machine. They are timed once for a
/// processor, a number of threads and a libtorch, and remembered in a file of the user's cache:
/// timed at every start, they would change with what else the machine does, and results with them
/// in their last digits.
///
/// @param rates that were measured, for a person; empty where none were
/// @param how they came to be chosen, for a person
public record MeasuredProducts(MatrixProducts products, Optional<String> rates, String how) {
  /// The file of remembered rates, in a folder such as [UserCache].
  static final String MEMORY = "products.json";

  private static final JsonMapper JSON = new JsonMapper();

  /// Libraries that nothing was measured for.
  MeasuredProducts(MatrixProducts products, String how) {
    this(products, Optional.empty(), how);
  }

  /// The rates, and how the libraries came to be chosen.
  public String told() {
    return rates.map(figures -> figures + "; " + how).orElse(how);
  }

  /// This machine's.
  ///
  /// @param threads of one product
  public static MeasuredProducts of(Device device, int threads) {
    MatrixProducts usual = MatrixProducts.usual(device);
    String processor = MatrixProducts.processor();
    if (device instanceof Device.Cuda || processor.isEmpty()) {
      return new MeasuredProducts(usual, "as usual");
    }
    String machine = "%s, %d threads, libtorch %s".formatted(processor, threads, Engine.libtorch());
    return of(UserCache.folder(), machine, usual, () -> ProductRates.measure(threads));
  }

  /// A file that holds something else, or cannot be written, stands in nobody's way: the rates are
  /// measured again, which is said.
  static MeasuredProducts of(
      Path folder, String machine, MatrixProducts usual, Supplier<ProductRates> measure) {
    Path memory = folder.resolve(MEMORY);
    Optional<ProductRates> known = remembered(memory, machine);
    if (known.isPresent()) {
      return kept(known.get(), usual, memory);
    }
    try {
      return SharedFile.alone(memory, () -> measured(memory, machine, usual, measure));
    } catch (IOException e) {
      return unkept(measure.get(), usual, memory, e);
    }
  }

  /// Where two start at once, the second takes what the first found.
  private static MeasuredProducts measured(
      Path memory, String machine, MatrixProducts usual, Supplier<ProductRates> measure) {
    Optional<ProductRates> meanwhile = remembered(memory, machine);
    if (meanwhile.isPresent()) {
      return kept(meanwhile.get(), usual, memory);
    }
    ProductRates rates = measure.get();
    try {
      ObjectNode all = read(memory).orElseGet(JSON::createObjectNode);
      all.set(machine, JSON.valueToTree(rates));
      AtomicFile.write(memory, FileContent.text(all.toPrettyString() + "\n"));
      return kept(rates, usual, memory);
    } catch (IOException e) {
      return unkept(rates, usual, memory, e);
    }
  }

  private static MeasuredProducts kept(ProductRates rates, MatrixProducts usual, Path memory) {
    return new MeasuredProducts(
        rates.choice(usual), Optional.of(rates.told()), "timed once, kept in %s".formatted(memory));
  }

  private static MeasuredProducts unkept(
      ProductRates rates, MatrixProducts usual, Path memory, IOException why) {
    return new MeasuredProducts(
        rates.choice(usual),
        Optional.of(rates.told()),
        "timed now, and not kept for the next time: %s: %s"
            .formatted(memory, AtomicFile.reason(why)));
  }

  private static Optional<ProductRates> remembered(Path memory, String machine) {
    try {
      return read(memory).map(all -> all.get(machine)).flatMap(MeasuredProducts::rates);
    } catch (IOException e) {
      return Optional.empty(); // writing it tells why
    }
  }

  private static Optional<ProductRates> rates(JsonNode stored) {
    try {
      return Optional.of(JSON.treeToValue(stored, ProductRates.class))
          .filter(ProductRates::areRates);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }

  private static Optional<ObjectNode> read(Path memory) throws IOException {
    if (!Files.exists(memory)) {
      return Optional.empty();
    }
    try {
      return JSON.readTree(Files.readString(memory)) instanceof ObjectNode all
          ? Optional.of(all)
          : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    }
  }
}
