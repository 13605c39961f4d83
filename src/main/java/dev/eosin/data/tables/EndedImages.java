package dev.eosin.data.tables;

import dev.eosin.data.Sample;
import dev.eosin.data.settings.TableGuess;

/// Images that a table names without the ending of their files, as PathVQA's does. A name with one
/// stays as it is.
///
/// @param ending without its dot
public record EndedImages(ImageFolder folder, String ending) implements ImageFiles {
  private String file(String image) {
    return TableGuess.namesImage(image) ? image : image + "." + ending;
  }

  @Override
  public boolean has(String image) {
    return folder.has(file(image));
  }

  @Override
  public String place(String image) {
    return folder.place(file(image));
  }

  @Override
  public Sample.ImageReader read(String image) {
    return folder.read(file(image));
  }

  @Override
  public String toString() {
    return folder.toString();
  }
}
