package dev.eosin.language.stored;

import dev.eosin.checkpoint.Layout;
import dev.eosin.checkpoint.NameTable;
import dev.eosin.language.T5;
import dev.eosin.language.T5Decoder;
import dev.eosin.language.T5Encoder;
import dev.eosin.language.spec.T5Spec;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/// What Hugging Face's files call the weights of a [T5].
final class T5Names {
  private T5Names() {}

  static Layout of(T5 model, String before) {
    T5Spec spec = model.spec();
    T5Encoder encoder = model.encoder();
    T5Decoder decoder = model.decoder();
    NameTable names = new NameTable();
    names.copy(model.table(), before + "shared.weight");
    names.copy(encoder.distances(), before + "encoder." + distances());
    for (int layer = 0; layer < spec.encoderLayers(); layer++) {
      block(
          names, encoder.names(layer), "%sencoder.block.%d.".formatted(before, layer), spec, false);
    }
    names.copy(encoder.norm(), before + "encoder.final_layer_norm.weight");
    names.copy(decoder.distances(), before + "decoder." + distances());
    for (int layer = 0; layer < spec.layers(); layer++) {
      block(
          names, decoder.names(layer), "%sdecoder.block.%d.".formatted(before, layer), spec, true);
    }
    names.copy(decoder.norm(), before + "decoder.final_layer_norm.weight");
    if (!spec.tied()) {
      names.copy(decoder.head(), before + "lm_head.weight");
    }
    // Files may hold the table once more for each that uses it. A head in the file of a tied model
    // is
    // not passed over: newer programs write that models are tied whose heads are their own.
    Set<String> again = Set.of(before + "encoder.embed_tokens.", before + "decoder.embed_tokens.");
    return new Layout("a T5 model of Hugging Face", names.rules(), Set.of(), again);
  }

  private static String distances() {
    return "block.0.layer.0.SelfAttention.relative_attention_bias.weight";
  }

  private static void block(
      NameTable names, List<String> own, String before, T5Spec spec, boolean decoder) {
    Stream<String> theirs = attention("layer.0.", "SelfAttention");
    if (decoder) {
      theirs = Stream.concat(theirs, attention("layer.1.", "EncDecAttention"));
    }
    String last = decoder ? "layer.2." : "layer.1.";
    Stream<String> linears =
        spec.gated().gates() ? Stream.of("wi_0", "wi_1", "wo") : Stream.of("wi", "wo");
    Stream<String> mlp = linears.map(name -> "DenseReluDense." + name);
    List<String> all =
        Stream.concat(theirs, Stream.concat(Stream.of("layer_norm"), mlp).map(last::concat))
            .toList();
    for (int i = 0; i < own.size(); i++) {
      names.copy(own.get(i), before + all.get(i) + ".weight");
    }
  }

  private static Stream<String> attention(String before, String name) {
    return Stream.concat(
        Stream.of(before + "layer_norm"),
        Stream.of("q", "k", "v", "o").map(each -> before + name + "." + each));
  }
}
