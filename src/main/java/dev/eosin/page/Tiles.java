package dev.eosin.page;

import dev.eosin.image.Png;
import dev.eosin.image.RgbImage;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/// Pictures side by side, each within the page and with its caption below.
public final class Tiles {
  private Tiles() {}

  /// How a picture is framed.
  public enum Frame {
    NONE,
    RIGHT,
    WRONG
  }

  /// One picture.
  ///
  /// @param image empty where it cannot be shown, which is said in its place
  /// @param alternative what it shows, for those who do not see it
  /// @param caption lines below it
  public record Tile(
      Optional<RgbImage> image, String alternative, List<String> caption, Frame frame) {
    public Tile {
      caption = List.copyOf(caption);
    }
  }

  /// All of them, row by row.
  public static Html of(List<Tile> tiles) {
    Html html = new Html().open("div", "class", "tiles").line();
    for (Tile tile : tiles) {
      switch (tile.frame()) {
        case NONE -> html.open("figure");
        case RIGHT -> html.open("figure", "class", "right");
        case WRONG -> html.open("figure", "class", "wrong");
      }
      if (tile.image().isPresent()) {
        html.open("img", "alt", tile.alternative(), "src", source(tile.image().get()));
      } else {
        html.element("div", "no picture: " + tile.alternative(), "class", "gone");
      }
      html.open("figcaption");
      for (int i = 0; i < tile.caption().size(); i++) {
        if (i > 0) {
          html.open("br");
        }
        html.text(tile.caption().get(i));
      }
      html.close("figcaption").close("figure").line();
    }
    return html.close("div").line();
  }

  /// A picture as the source of an image element.
  public static String source(RgbImage image) {
    return "data:image/png;base64," + Base64.getEncoder().encodeToString(Png.encode(image));
  }
}
