package dev.eosin.prepare;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/// Names of images that mean something elsewhere.
class RowPicturesTest {
  private static final RowPictures PICTURES =
      RowPictures.files(Path.of("tiles"), "image", new ImageDecoder());

  private static Row named(String image) {
    return new Row("1", "line 1", JsonNodeFactory.instance.objectNode().put("image", image));
  }

  @Test
  void addressesAreNotTakenForFiles() {
    for (String name : new String[] {"https://a.b/c.png", "s3://bucket/c.png"}) {
      assertThatThrownBy(() -> PICTURES.of(named(name)))
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessageStartingWith(name + ": is an address, and nothing is downloaded")
          .hasMessageContaining("copy the files to this machine");
    }
  }

  @Test
  void pathsOfWindowsAreNamedAsSuch() {
    for (String name : new String[] {"C:\\Tiles\\a.png", "d:/tiles/a.png", "\\\\server\\a.png"}) {
      assertThatThrownBy(() -> PICTURES.of(named(name)))
          .hasMessageContaining("is a path of Windows; name the file as this machine does");
    }
  }

  @Test
  void otherNamesAreFilesOfTheFolder() {
    for (String name : new String[] {"a.png", "/b/a.png", "c:a.png", "a\\b.png", "1://a.png"}) {
      assertThat(PICTURES.of(named(name))).isPresent();
    }
    assertThat(PICTURES.of(named(" "))).isEmpty();
  }
}
