package dev.eosin.clip;

import dev.eosin.clip.spec.ClipSpec;
import dev.eosin.clip.spec.Logits;
import dev.eosin.config.Doc;
import dev.eosin.config.OrElse;
import dev.eosin.config.Range;
import dev.eosin.nn.LowRank;
import dev.eosin.nn.Weight;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The key `lora` of a CLIP recipe. The model's own weights stay as they begin, without gradients
/// and optimiser state; the adapters, the logit scale and the logit bias are trained.
@Doc(
    "Trains low-rank adapters (LoRA) instead of the model: an adapted linear gives W x + (alpha / rank) B A x. Everything else but the logit scale and bias stays as it begins. Checkpoints hold model and adapters; final/ has the adapters merged into the weights, adapter/ has them alone as peft reads them.")
public record LoraSettings(
    @Doc("Rows of A and columns of B.") @Range(min = 1, max = 4096) int rank,
    @Doc("The scale of the adapters, times the rank; often twice the rank.") @Range(above = 0)
        double alpha,
    @Doc("The towers with adapters; the other one stays as it begins.") @OrElse("[image, text]")
        List<Place> towers,
    @Doc(
            "The adapted linears of every block: attention is query-key-value (one weight, one pair) and output, mlp is up and down.")
        @OrElse("[attention, mlp]")
        List<Target> targets,
    @Doc(
            "The share of the elements entering each adapter that a training step leaves out, drawn anew for each sample; peft's lora_dropout. Evaluation leaves nothing out.")
        @OrElse("0")
        @Range(min = 0, below = 1)
        double dropout) {
  /// One of the towers.
  public enum Place {
    IMAGE,
    TEXT
  }

  /// Linears of a block.
  public enum Target {
    ATTENTION,
    MLP
  }

  /// @throws IllegalArgumentException when nothing would be adapted
  public LoraSettings {
    towers = List.copyOf(towers);
    targets = List.copyOf(targets);
    if (towers.isEmpty() || targets.isEmpty()) {
      throw new IllegalArgumentException(
          (towers.isEmpty() ? "towers" : "targets")
              + ": names nothing, so nothing would be adapted");
    }
  }

  /// The adapters by tower, as the blocks compute with them.
  public Map<String, LowRank> adapters() {
    var lowRank =
        new LowRank(
            rank, alpha, targets.contains(Target.ATTENTION), targets.contains(Target.MLP), dropout);
    Map<String, LowRank> adapters = new LinkedHashMap<>();
    if (towers.contains(Place.IMAGE)) {
      adapters.put(Clip.IMAGE, lowRank);
    }
    if (towers.contains(Place.TEXT)) {
      adapters.put(Clip.TEXT, lowRank);
    }
    return Map.copyOf(adapters);
  }

  /// The names of the weights that stay as they begin.
  public Set<String> locked(ClipSpec spec) {
    Set<String> logits =
        new Logits(spec.logitBias())
            .weights().stream().map(Weight::name).collect(Collectors.toSet());
    return Clip.weights(spec).stream()
        .map(Weight::name)
        .filter(name -> !logits.contains(name))
        .collect(Collectors.toUnmodifiableSet());
  }
}
