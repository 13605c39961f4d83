package dev.eosin.serve;

import dev.eosin.data.listed.ListedImage;
import dev.eosin.data.listed.ListedImages;
import dev.eosin.eval.activations.ActivationRow;
import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import dev.eosin.image.transforms.EvaluationTransform;
import java.io.IOException;
import java.util.Map;
import java.util.Objects;

/// `/tiles/N`: a small picture of a tile of the index, drawn anew: never the file's own bytes.
record TileEndpoint(ServedTiles tiles, ListedImages images, Images decoding) implements Endpoint {
  private static final int SIDE = 224;
  private static final int LONGEST = 9;
  private static final EvaluationTransform SHOWN = EvaluationTransform.openClip(SIDE, SIDE);

  @Override
  public Reply answer(Call call) throws ApiException, IOException, InterruptedException {
    int place = place(call.rest());
    ActivationRow row =
        Objects.requireNonNull(
            tiles.index().rows(new int[] {place}).get(place), "rows gives all or throws");
    if (row.row() >= images.size()) {
      throw gone();
    }
    ListedImage listed = images.get(row.row());
    if (!listed.path().equals(row.path()) || listed.images().isEmpty()) {
      throw gone();
    }
    RgbImage shown;
    try {
      shown =
          decoding.inTurn(call.deadline(), () -> SHOWN.apply(listed.images().getFirst().read()));
    } catch (IOException unreadable) {
      throw gone();
    }
    return new Reply.Content(
        "image/png", Png.encode(shown), Map.of("Cache-Control", "private, max-age=3600"));
  }

  private int place(String rest) throws ApiException {
    boolean number =
        !rest.isEmpty()
            && rest.length() <= LONGEST
            && rest.chars().allMatch(c -> c >= '0' && c <= '9');
    int place = number ? Integer.parseInt(rest) : Integer.MAX_VALUE;
    if (place >= tiles.index().size()) {
      throw new ApiException(
          404,
          "not_found",
          "",
          "there is no such tile; they are 0 to %d".formatted(tiles.index().size() - 1));
    }
    return place;
  }

  private static ApiException gone() {
    return new ApiException(
        404, "not_found", "", "the image of this tile is not where it was when it was embedded");
  }
}
