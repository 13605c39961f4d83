package dev.eosin.vllm;

import dev.eosin.language.rows.TokenRows;

/// Rows of a language model in which images stand: where their tokens are. An image's place among
/// the ids is one id as often as the image has tokens.
///
/// @param rows their ids, with a harmless one in the images' places
/// @param places of the images' tokens `[m]`, in reading order, among all b n
@SuppressWarnings("ArrayRecordComponent") // handed on, never compared
public record SeenRows(TokenRows rows, long[] places) {
  /// @param imageId stands in the images' places; the model need not know it
  /// @throws IllegalArgumentException when images and places differ in number
  public static SeenRows of(TokenRows rows, int imageId, int images, int tokensOfEach) {
    long[] ids = rows.ids().clone();
    long[] places = new long[images * tokensOfEach];
    int found = 0;
    for (int i = 0; i < ids.length; i++) {
      if (ids[i] == imageId) {
        if (found < places.length) {
          places[found] = i;
        }
        found++;
        ids[i] = 0;
      }
    }
    if (found != places.length) {
      throw new IllegalArgumentException(
          "%d image tokens, but %d images of %d tokens each make %d; is the image token of another model, or a row cut within an image?"
              .formatted(found, images, tokensOfEach, places.length));
    }
    return new SeenRows(rows.with(ids), places);
  }
}
