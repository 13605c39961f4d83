package dev.eosin.tower;

import dev.eosin.config.DataException;
import dev.eosin.nn.TransformerGraph;
import dev.eosin.onnx.Attention;
import dev.eosin.onnx.Attribute;
import dev.eosin.onnx.GraphPass;
import dev.eosin.onnx.GraphValue;
import dev.eosin.onnx.Norms;
import dev.eosin.onnx.Rows;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An [ImageTower] as a graph: what [ImageTower#features] computes of all tokens.
public record ImageTowerGraph(GraphPass pass, ImageTower tower) {
  private static final double CLIP_EPSILON = 1e-5;

  /// Unit vectors [b,e] fp32.
  ///
  /// @param pixels [b,3,h,w] fp32, normalised
  /// @throws DataException when a weight is missing
  public GraphValue features(GraphValue pixels) throws DataException {
    GraphValue tokens = tokens(pixels);
    var blocks = new TransformerGraph(pass, tower.transformer(), Optional.empty());
    GraphValue projected =
        switch (tower) {
          case VitTower vit -> vitHead(blocks.firstPooled(tokens));
          case TimmTower timm -> timmHead(timm, blocks, tokens);
        };
    return Norms.unit(pass, projected);
  }

  /// The tokens after so many blocks [b,n,c] fp32; the blocks above are not in the graph.
  ///
  /// @param pixels [b,3,h,w] fp32, normalised
  /// @param until number of blocks; negative ones as for [ImageTower#states]
  /// @throws DataException when a weight is missing
  public GraphValue states(GraphValue pixels, int until) throws DataException {
    int layers = tower.transformer().layers();
    var blocks = new TransformerGraph(pass, tower.transformer(), Optional.empty());
    return blocks.through(tokens(pixels), until < 0 ? layers + 1 + until : until);
  }

  /// What enters the first block [b,n,c] fp32; marked by the tower's prefix and `tokens`.
  ///
  /// @throws DataException when a weight is missing
  public GraphValue tokens(GraphValue pixels) throws DataException {
    GraphValue tokens =
        pass.graph()
            .within(
                tower.prefix() + ".tokens",
                () ->
                    switch (tower) {
                      case VitTower vit -> vitTokens(pixels);
                      case TimmTower timm -> timmTokens(timm, pixels);
                    });
    return pass.marked(tower.prefix() + ".tokens", tokens);
  }

  private String name(String rest) {
    return tower.prefix() + "." + rest;
  }

  private GraphValue vitTokens(GraphValue pixels) throws DataException {
    GraphValue patches = patches(pixels, Optional.empty());
    GraphValue all = joined(pixels, List.of(name("class-token")), patches);
    GraphValue placed = pass.op("Add", List.of(all, pass.weight(name("position-embedding"))));
    return Norms.layerNorm(
        pass, placed, name("pre-norm.weight"), name("pre-norm.bias"), CLIP_EPSILON);
  }

  /// Class token, registers, patches. Positions count the patches only, or every token.
  private GraphValue timmTokens(TimmTower timm, GraphValue pixels) throws DataException {
    TimmImage.Trunk trunk = timm.spec().trunk();
    GraphValue positions = pass.weight(name("position-embedding"));
    GraphValue patches = patches(pixels, Optional.of(name("patch-embedding.bias")));
    boolean patchesOnly = trunk.positions() == trunk.patches();
    if (patchesOnly) {
      patches = pass.op("Add", List.of(patches, positions));
    }
    List<String> before = new ArrayList<>(List.of(name("class-token")));
    if (trunk.registers() > 0) {
      before.add(name("register-tokens"));
    }
    GraphValue all = joined(pixels, before, patches);
    return patchesOnly ? all : pass.op("Add", List.of(all, positions));
  }

  /// The patch embedding [b,n,c] fp32. Rows and columns that do not fill a patch are left out.
  private GraphValue patches(GraphValue pixels, Optional<String> bias) throws DataException {
    long k = tower.spec().patch();
    List<GraphValue> inputs = new ArrayList<>();
    inputs.add(pass.narrow(pixels));
    inputs.add(pass.weight(name("patch-embedding.weight"), pass.products()));
    if (bias.isPresent()) {
      inputs.add(pass.weight(bias.get(), pass.products()));
    }
    GraphValue grid =
        pass.op(
            "Conv",
            inputs,
            Attribute.of("kernel_shape", new long[] {k, k}),
            Attribute.of("strides", new long[] {k, k}));
    GraphValue flat =
        pass.op("Reshape", List.of(grid, pass.graph().wholes(0, tower.spec().hiddenSize(), -1)));
    return pass.wide(
        pass.op("Transpose", List.of(flat), Attribute.of("perm", new long[] {0, 2, 1})));
  }

  /// Tokens that are the same for all images, then the patches.
  private GraphValue joined(GraphValue pixels, List<String> same, GraphValue patches)
      throws DataException {
    long width = tower.spec().hiddenSize();
    GraphValue rows =
        pass.op("Unsqueeze", List.of(Attention.size(pass, pixels, 0), pass.graph().wholes(0)));
    GraphValue sizes =
        pass.op("Concat", List.of(rows, pass.graph().wholes(1, 1)), Attribute.of("axis", 0L));
    List<GraphValue> parts = new ArrayList<>();
    for (String name : same) {
      GraphValue tokens =
          pass.op("Reshape", List.of(pass.weight(name), pass.graph().wholes(1, -1, width)));
      parts.add(pass.op("Expand", List.of(tokens, sizes)));
    }
    parts.add(patches);
    return pass.op("Concat", parts, Attribute.of("axis", 1L));
  }

  private GraphValue vitHead(GraphValue first) throws DataException {
    GraphValue normed =
        Norms.layerNorm(
            pass, flat(first), name("post-norm.weight"), name("post-norm.bias"), CLIP_EPSILON);
    return pass.op("MatMul", List.of(normed, pass.weight(name("projection"))));
  }

  private GraphValue timmHead(TimmTower timm, TransformerGraph blocks, GraphValue tokens)
      throws DataException {
    int skipped = 1 + timm.spec().trunk().registers();
    GraphValue pooled =
        switch (timm.spec().pool()) {
          case CLASS_TOKEN -> timmNorm(flat(blocks.firstPooled(tokens)));
          case MEAN -> mean(timmNorm(patchesOf(blocks.last(tokens), skipped)));
          case MEAN_THEN_NORM -> timmNorm(mean(patchesOf(blocks.last(tokens), skipped)));
        };
    return Projections.emit(pass, tower.prefix(), pooled);
  }

  private GraphValue timmNorm(GraphValue x) throws DataException {
    return Norms.layerNorm(
        pass, x, name("final-norm.weight"), name("final-norm.bias"), TimmImage.NORM_EPSILON);
  }

  private GraphValue patchesOf(GraphValue tokens, int skipped) {
    return Rows.slice(pass, tokens, 1, skipped, Long.MAX_VALUE);
  }

  private GraphValue mean(GraphValue tokens) {
    return pass.op(
        "ReduceMean", List.of(tokens, pass.graph().wholes(1)), Attribute.of("keepdims", 0L));
  }

  private GraphValue flat(GraphValue one) {
    return pass.op("Squeeze", List.of(one, pass.graph().wholes(1)));
  }
}
