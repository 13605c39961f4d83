package dev.eosin.language.stored;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.eosin.config.Binder;
import dev.eosin.config.RecipeFile;
import dev.eosin.language.AdaptedDecoder;
import dev.eosin.language.Adapters;
import dev.eosin.language.Decoder;
import dev.eosin.language.Llama;
import dev.eosin.language.spec.LlamaSpec;
import dev.eosin.language.spec.Rotary;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class AdapterSettingsTest {
  /// As a recipe has them.
  record Tune(AdapterSettings lora) {}

  private static final String LINEARS =
      """
      its linears are:
        model.layers.*.self_attn.q_proj
        model.layers.*.self_attn.k_proj
        model.layers.*.self_attn.v_proj
        model.layers.*.self_attn.o_proj
        model.layers.*.mlp.gate_proj
        model.layers.*.mlp.up_proj
        model.layers.*.mlp.down_proj""";

  private static AdapterSettings bind(String settings) {
    RecipeFile file =
        RecipeFile.parse(Path.of("tune.yaml"), "lora: " + settings, List.of(), Map.of());
    return Binder.bind(file, Tune.class).lora();
  }

  /// 2 layers of width 8, MLP 12, 2 heads that share one of keys and values, 16 tokens.
  static Decoder decoder(boolean tied) {
    return Llama.of(
        "decoder",
        new LlamaSpec(
            16,
            8,
            2,
            2,
            1,
            4,
            12,
            false,
            tied,
            OptionalInt.empty(),
            1e-5,
            new Rotary(10000, new Rotary.Scaling.None()),
            32));
  }

  private static Map<String, Adapters.Pair> pairs(String settings) {
    return bind(settings).resolve(decoder(false)).decoder().adapters().linears();
  }

  @Test
  void withoutMoreEveryLinearOfTheBlocksIsAdapted() {
    AdaptedDecoder adapted = bind("{ rank: 4, alpha: 8 }").resolve(decoder(false));
    assertThat(adapted.decoder().adapters().linears().keySet())
        .containsExactlyElementsOf(decoder(false).linears());
    assertThat(adapted.decoder().adapters().linears().values())
        .allMatch(new Adapters.Pair(4, 2, false)::equals);
    assertThat(adapted.whole()).isEmpty();
    // Four matrices of attention, 8 x 8 and twice 8 x 4, and three of the MLP, twice.
    assertThat(adapted.trainedCount())
        .isEqualTo(2 * 4 * (2 * (8 + 8) + 2 * (8 + 4) + 3 * (8 + 12)));
    assertThat(adapted.describe()).isEqualTo("14 linears of 7 kinds, rank 4, 928 weights");
    assertThat(adapted.specs().stream().filter(spec -> spec.trainable()))
        .hasSize(28)
        .allMatch(spec -> Adapters.isAdapter(spec.name()));
  }

  @Test
  void namesMeanEveryModuleThatEndsWithThem() {
    assertThat(pairs("{ rank: 4, alpha: 8, targets: [v_proj, layers.1.mlp.up_proj] }").keySet())
        .containsExactly(
            "decoder.blocks.0.attention.value.weight",
            "decoder.blocks.1.attention.value.weight",
            "decoder.blocks.1.mlp.up.weight");
    assertThatThrownBy(() -> pairs("{ rank: 4, alpha: 8, targets: [_proj] }"))
        .hasMessageContaining("targets: _proj names no linear of this model; " + LINEARS);
  }

  @Test
  void regularExpressionsMeanTheModulesThatTheyMatchWhole() {
    assertThat(pairs("{ rank: 4, alpha: 8, targets: ['.*\\.0\\..*\\.(q|v)_proj'] }").keySet())
        .containsExactly(
            "decoder.blocks.0.attention.query.weight", "decoder.blocks.0.attention.value.weight");
    assertThatThrownBy(() -> pairs("{ rank: 4, alpha: 8, targets: ['(q|v)_proj'] }"))
        .hasMessageContaining("targets: (q|v)_proj names no linear of this model");
  }

  @Test
  void patternsGiveOtherRanksAndAlphasAndTheFirstCounts() {
    Map<String, Adapters.Pair> pairs =
        pairs(
            """
            { rank: 16, alpha: 32, targets: [q_proj, v_proj], rank-stabilised: true,
              rank-pattern: { 'layers.1.self_attn.[qv]_proj': 9, q_proj: 4 },
              alpha-pattern: { layers.0.self_attn.v_proj: 2 } }
            """);
    assertThat(pairs)
        .containsEntry("decoder.blocks.0.attention.query.weight", pair(4, 32 / 2.0))
        .containsEntry("decoder.blocks.0.attention.value.weight", pair(16, 2 / 4.0))
        .containsEntry("decoder.blocks.1.attention.query.weight", pair(9, 32 / 3.0))
        .containsEntry("decoder.blocks.1.attention.value.weight", pair(9, 32 / 3.0));
    AdaptedDecoder adapted =
        bind("{ rank: 8, alpha: 8, rank-pattern: { up_proj: 2 } }").resolve(decoder(false));
    assertThat(adapted.describe()).startsWith("14 linears of 7 kinds, rank 2 to 8, ");
  }

  private static Adapters.Pair pair(int rank, double scale) {
    return new Adapters.Pair(rank, scale, false);
  }

  @Test
  void whatIsTrainedWholeHasNoAdapter() {
    AdaptedDecoder adapted =
        bind("{ rank: 4, alpha: 8, targets: ['.*_proj'], also-train: [lm_head, 0.mlp.up_proj] }")
            .resolve(decoder(false));
    assertThat(adapted.whole())
        .containsExactly("decoder.blocks.0.mlp.up.weight", "decoder.head.weight");
    assertThat(adapted.decoder().adapters().linears())
        .hasSize(13)
        .doesNotContainKey("decoder.blocks.0.mlp.up.weight");
    assertThat(adapted.describe())
        .isEqualTo(
            "13 linears of 7 kinds, rank 4, 848 weights, besides decoder.blocks.0.mlp.up.weight, decoder.head.weight whole, 224 weights");
    assertThat(adapted.trainedCount()).isEqualTo(848 + 8 * 12 + 16 * 8);
  }

  @Test
  void whatNamesNothingIsRefusedWithWhatThereIs() {
    refused(
        "{ rank: 4, alpha: 8, targets: [q_proj, q_porj] }",
        "targets: 'q_porj' names no linear of this model; " + LINEARS);
    refused(
        "{ rank: 4, alpha: 8, targets: [query] }", "targets: query names no linear of this model");
    refused(
        "{ rank: 4, alpha: 8, targets: [v_proj], rank-pattern: { q_proj: 2 } }",
        "rank-pattern: 'q_proj' is the end of no adapted module's name");
    refused(
        "{ rank: 4, alpha: 8, alpha-pattern: { proj: 2 } }",
        "alpha-pattern: 'proj' is the end of no adapted module's name");
    refused(
        "{ rank: 4, alpha: 8, also-train: [lm_haed] }",
        "also-train: 'lm_haed' names no module with weights; ");
    refused(
        "{ rank: 4, alpha: 8, targets: [q_proj, lm_head] }",
        "targets: lm_head is meant too, beside which no adapter is computed");
    assertThatThrownBy(
            () -> bind("{ rank: 4, alpha: 8, also-train: [lm_head] }").resolve(decoder(true)))
        .hasMessageStartingWith(
            "also-train: 'lm_head' names no module with weights; the head of this model is its token table, embed_tokens;");
  }

  private static void refused(String settings, String message) {
    assertThatThrownBy(() -> bind(settings).resolve(decoder(false)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(message);
  }

  @Test
  void settingsThatMeanNothingAreRefusedAtTheirLine() {
    unbound("{ rank: 4, alpha: 8, targets: [] }", "lora.targets  names nothing");
    unbound("{ rank: 0, alpha: 8 }", "lora.rank  '0' is out of range");
    unbound("{ rank: 4, alpha: 8, rank-pattern: { q_proj: 0 } }", "'0' is out of range");
    unbound(
        "{ rank: 4, alpha: 8, targets: ['(q|v'] }",
        "lora.targets  '(q|v' is neither a name nor a regular expression");
    unbound("{ rank: 4, alpha: 8, also-train: [' '] }", "lora.also-train  an empty text");
    unbound(
        "{ rank: 4, alpha: 8, magnitudes: true, dropout: 0.1 }",
        "lora.dropout  adapters with magnitudes (DoRA) have none");
  }

  private static void unbound(String settings, String message) {
    assertThatThrownBy(() -> bind(settings)).hasMessageContaining(message);
  }
}
