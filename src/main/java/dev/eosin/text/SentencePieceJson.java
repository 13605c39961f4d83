package dev.eosin.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.NullNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.text.SentencePieceModel.Kind;
import dev.eosin.text.SentencePieceModel.Piece;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/// A sentencepiece model as the equivalent `tokenizer.json`, the way transformers converts it.
///
/// Pair merges give sentencepiece's ids. A unigram model gives transformers' ids, which are
/// sentencepiece's except where a combining mark follows a character that the map replaces (the
/// mark, or what follows it, is then normalised by cluster), and where two ways of cutting have the
/// very same score. Source: transformers 5.18 `convert_slow_tokenizer.py`.
final class SentencePieceJson {
  private static final String BLANK = "\u2581";

  private final SentencePieceModel model;
  private final int extraIds;
  private final boolean everySegment;

  /// @param extraIds how many `<extra_id_N>` follow the model's own pieces, the highest N first
  /// @param everySegment whether text after a special token begins with a blank too ("legacy")
  SentencePieceJson(SentencePieceModel model, int extraIds, boolean everySegment) {
    this.model = model;
    this.extraIds = extraIds;
    this.everySegment = everySegment;
  }

  ObjectNode json() {
    ObjectNode root = JsonText.object().put("version", "1.0");
    root.putNull("truncation").putNull("padding");
    root.set("added_tokens", addedTokens());
    root.set("normalizer", normaliser());
    root.set("pre_tokenizer", splitter());
    root.putNull("post_processor");
    root.set("decoder", decoder());
    root.set("model", model.unigram() ? unigram() : pairs());
    return root;
  }

  private ArrayNode addedTokens() {
    ArrayNode added = JsonText.object().putArray("added_tokens");
    List<Piece> pieces = model.pieces();
    for (int id = 0; id < pieces.size(); id++) {
      Piece piece = pieces.get(id);
      if (piece.kind().special() || piece.kind() == Kind.USER_DEFINED) {
        added.add(AddedTokens.token(id, piece.text(), piece.kind().special()));
      }
    }
    for (int i = 0; i < extraIds; i++) {
      added.add(AddedTokens.token(pieces.size() + i, extraId(i), true));
    }
    return added;
  }

  private String extraId(int position) {
    return "<extra_id_%d>".formatted(extraIds - 1 - position);
  }

  private ObjectNode normaliser() {
    ObjectNode sequence = JsonText.object().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("normalizers");
    if (model.characterMap().length > 0) {
      steps
          .addObject()
          .put("type", "Precompiled")
          .put("precompiled_charsmap", Base64.getEncoder().encodeToString(model.characterMap()));
    }
    if (model.removeExtraWhitespace()) {
      replace(steps, "Regex", "^ +| +$", "");
      replace(steps, "Regex", " {2,}", " ");
    }
    if (!byWords() && prefix().equals("always")) {
      steps.addObject().put("type", "Prepend").put("prepend", BLANK);
    }
    if (!byWords() && !prefix().equals("first")) {
      replace(steps, "String", " ", BLANK);
    }
    return sequence;
  }

  private static void replace(ArrayNode steps, String kind, String pattern, String by) {
    ObjectNode step = steps.addObject().put("type", "Replace");
    step.putObject("pattern").put(kind, pattern);
    step.put("content", by);
  }

  /// Whether pieces never reach over a blank, so that words can be cut one by one.
  private boolean byWords() {
    return model.unigram() && model.removeExtraWhitespace();
  }

  private String prefix() {
    return !model.dummyPrefix() ? "never" : everySegment || model.unigram() ? "always" : "first";
  }

  private JsonNode splitter() {
    return byWords()
        ? metaspace(true)
        : prefix().equals("first") ? metaspace(false) : NullNode.getInstance();
  }

  private ObjectNode metaspace(boolean split) {
    return JsonText.object()
        .put("type", "Metaspace")
        .put("replacement", BLANK)
        .put("prepend_scheme", prefix())
        .put("split", split);
  }

  private ObjectNode decoder() {
    if (byWords() && !model.byteFallback()) {
      return metaspace(true);
    }
    ObjectNode sequence = JsonText.object().put("type", "Sequence");
    ArrayNode steps = sequence.putArray("decoders");
    replace(steps, "String", BLANK, " ");
    steps.addObject().put("type", "ByteFallback");
    steps.addObject().put("type", "Fuse");
    if (model.dummyPrefix()) {
      steps.addObject().put("type", "Strip").put("content", " ").put("start", 1).put("stop", 0);
    }
    return sequence;
  }

  private ObjectNode unigram() {
    ObjectNode json = JsonText.object().put("type", "Unigram").put("unk_id", model.unk());
    ArrayNode vocabulary = json.putArray("vocab");
    model.pieces().forEach(p -> vocabulary.addArray().add(p.text()).add((double) p.score()));
    for (int i = 0; i < extraIds; i++) {
      vocabulary.addArray().add(extraId(i)).add(0.0);
    }
    return json.put("byte_fallback", model.byteFallback());
  }

  private ObjectNode pairs() {
    ObjectNode json = JsonText.object().put("type", "BPE").putNull("dropout");
    json.put("unk_token", model.pieces().get(model.unk()).text());
    json.putNull("continuing_subword_prefix").putNull("end_of_word_suffix");
    json.put("fuse_unk", true).put("byte_fallback", model.byteFallback());
    json.put("ignore_merges", false);
    ObjectNode vocabulary = json.putObject("vocab");
    List<Piece> pieces = model.pieces();
    for (int id = 0; id < pieces.size(); id++) {
      vocabulary.put(pieces.get(id).text(), id);
    }
    ArrayNode merges = json.putArray("merges");
    merges().forEach(merge -> merges.addArray().add(merge.left()).add(merge.right()));
    return json;
  }

  /// @param score of what the two make
  private record Merge(String left, String right, float score) {}

  /// All ways to make a piece from two, the best piece first; among equals the shorter left part.
  private List<Merge> merges() {
    List<Piece> pieces = model.pieces().stream().filter(SentencePieceJson::mergeable).toList();
    Set<String> texts = pieces.stream().map(Piece::text).collect(Collectors.toSet());
    List<Merge> merges = new ArrayList<>();
    for (Piece piece : pieces) {
      String text = piece.text();
      for (int at = 0; at < text.length(); at = text.offsetByCodePoints(at, 1)) {
        Merge merge = new Merge(text.substring(0, at), text.substring(at), piece.score());
        if (texts.contains(merge.left()) && texts.contains(merge.right())) {
          merges.add(merge);
        }
      }
    }
    merges.sort(Comparator.comparingDouble(merge -> -merge.score()));
    return merges;
  }

  private static boolean mergeable(Piece piece) {
    return piece.kind() == Kind.NORMAL || piece.kind() == Kind.UNUSED;
  }
}
