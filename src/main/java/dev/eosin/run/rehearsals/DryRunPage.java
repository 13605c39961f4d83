package dev.eosin.run.rehearsals;

import dev.eosin.config.DataException;
import dev.eosin.data.batches.Batch;
import dev.eosin.data.opened.BatchPreview;
import dev.eosin.data.opened.DataSets;
import dev.eosin.file.AtomicFile;
import dev.eosin.file.FileContent;
import dev.eosin.page.Excerpt;
import dev.eosin.page.Html;
import dev.eosin.page.Page;
import dev.eosin.page.Tiles;
import dev.eosin.random.RandomKey;
import dev.eosin.text.CutCaption;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/// The page of a dry run: the first tiles as the model sees them, each with its whole caption and
/// what of it is cut.
///
/// @param data whose batch is shown
/// @param key of the run
record DryRunPage(DataSets data, RandomKey key) {
  /// Writes the page.
  ///
  /// @param lines what the recipe comes to
  /// @param most at most so many tiles
  /// @throws DataException when the file cannot be written
  void write(Batch batch, List<String> lines, int most, Path file) throws DataException {
    Html lead =
        new Html()
            .element(
                "p",
                "The first tiles, augmented as a training has them, with their whole captions. What no id is made of is struck through.");
    Html words = new Html();
    lines.forEach(line -> words.text(line).line());
    var facts = new Html().open("pre").add(words).close("pre");
    AtomicFile.write(
        file,
        FileContent.text(
            Page.of(
                Page.title("Dry run", Objects.requireNonNull(file.toAbsolutePath().getParent())),
                lead,
                List.of(
                    new Page.Section("Tiles", tiles(batch, most)),
                    new Page.Section("What the recipe comes to", facts)))));
  }

  private Html tiles(Batch batch, int most) {
    int[] rows = batch.images().rows();
    Html html = new Html().open("div", "class", "tiles").line();
    for (int image = 0; image < Math.min(most, rows.length); image++) {
      Batch.Row row = batch.rows().get(rows[image]);
      html.open("figure")
          .open(
              "img",
              "alt",
              "%s: %s".formatted(Excerpt.name(row.key()), Excerpt.name(row.caption())),
              "src",
              Tiles.source(BatchPreview.tile(batch, image)))
          .open("figcaption")
          .add(caption(row))
          .open("br")
          .element("small", row.key())
          .close("figcaption")
          .close("figure")
          .line();
    }
    return html.close("div");
  }

  private Html caption(Batch.Row row) {
    Optional<CutCaption> cut = data.cutCaption(key, row);
    if (cut.isEmpty()) {
      return new Html().text(row.caption());
    }
    Html html = new Html();
    for (CutCaption.Piece piece : cut.get().pieces()) {
      if (piece.cut()) {
        html.element("del", piece.text(), "title", "cut");
      } else {
        html.text(piece.text());
      }
    }
    return html;
  }
}
