package dev.eosin.serve;

import dev.eosin.eval.ImageTextEmbedder;
import dev.eosin.image.formats.ImageDecoder;
import dev.eosin.image.transforms.TileTransform;
import java.util.OptionalDouble;
import java.util.function.ToIntFunction;

/// A model that embeds images and texts, as the server uses it: by one thread.
///
/// @param name that clients know it by
/// @param embedder one vector an image
/// @param decoder of images; its limit of pixels is the server's
/// @param transform makes inputs of images
/// @param tokens of a text, uncut
/// @param width e, the size of an embedding
/// @param context most tokens of a text; longer ones are cut, and counted
/// @param logitScale by which cosines become logits
/// @param logitBias added to them, of models that were trained with a sigmoid loss
public record ServedClip(
    String name,
    ImageTextEmbedder embedder,
    ImageDecoder decoder,
    TileTransform transform,
    ToIntFunction<String> tokens,
    int width,
    int context,
    double logitScale,
    OptionalDouble logitBias) {}
