package dev.eosin.run.folders;

import dev.eosin.config.ResolvedRecipe;
import dev.eosin.experiment.RunSettings;
import dev.eosin.group.Group;
import dev.eosin.tensor.Device;
import dev.eosin.tensor.MatrixProducts;
import dev.eosin.train.MeasuredProducts;
import dev.eosin.train.ProductsOrAuto;
import dev.eosin.train.machine.ComputeSettings;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// Whose matrix products a run takes: what the recipe says, or what the machine is fastest with as
/// the run begins. A run that resumes keeps that, and all ranks take the first one's: another
/// library rounds otherwise.
///
/// @param recipe with libraries
/// @param note what was chosen and why, where Eosin chose
public record PinnedProducts(RunSettings recipe, Optional<String> note) {
  static final String KEY = "compute.matrix-products";

  /// @param begun the recipe that a run to be resumed began with
  public static PinnedProducts of(Group group, RunSettings recipe, Optional<ResolvedRecipe> begun)
      throws IOException {
    return switch (recipe.compute().matrixProducts()) {
      case ProductsOrAuto.Chosen chosen -> new PinnedProducts(recipe, Optional.empty());
      case ProductsOrAuto.Auto auto ->
          begun.isPresent() ? resumed(recipe, begun.get()) : begun(group, recipe);
    };
  }

  private static PinnedProducts begun(Group group, RunSettings recipe) throws IOException {
    MeasuredProducts own = recipe.compute().products(group);
    byte[] words = own.products().toString().getBytes(StandardCharsets.UTF_8);
    String first = new String(group.exchange(words).getFirst(), StandardCharsets.UTF_8);
    MatrixProducts products = MatrixProducts.parse(first);
    return with(recipe, products, "%s: auto takes %s (%s)".formatted(KEY, first, own.how()));
  }

  /// A run of before libraries were timed took the usual ones.
  private static PinnedProducts resumed(RunSettings recipe, ResolvedRecipe begun) {
    Device device = recipe.compute().device(ComputeSettings.Machine.inspect());
    MatrixProducts before =
        switch (begun.value(KEY).map(ProductsOrAuto::parse).orElse(new ProductsOrAuto.Auto())) {
          case ProductsOrAuto.Chosen(MatrixProducts chosen) -> chosen;
          case ProductsOrAuto.Auto auto -> MatrixProducts.usual(device);
        };
    return with(
        recipe, before, "%s: auto keeps %s, with which the run began".formatted(KEY, before));
  }

  private static PinnedProducts with(RunSettings recipe, MatrixProducts products, String note) {
    return new PinnedProducts(
        recipe.withCompute(recipe.compute().with(products)), Optional.of(note));
  }
}
