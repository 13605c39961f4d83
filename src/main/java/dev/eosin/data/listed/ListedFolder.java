package dev.eosin.data.listed;

import dev.eosin.config.DataException;
import dev.eosin.data.EncodedImage;
import dev.eosin.data.Fingerprint;
import dev.eosin.data.PackedNames;
import dev.eosin.data.folders.ClassFolders;
import dev.eosin.image.formats.ImageDecoder;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/// All images in and below a folder, sorted by path. Those in a folder of it have its name as
/// label.
record ListedFolder(Path root, PackedNames files, List<String> notes, ImageDecoder decoder)
    implements ListedImages {
  private static final List<String> EXTENSIONS =
      List.of("png", "jpg", "jpeg", "tif", "tiff", "webp", "bmp", "gif", "jp2");

  ListedFolder {
    notes = List.copyOf(notes);
  }

  /// @throws DataException when it holds no images
  static ListedFolder open(Path root, ImageDecoder decoder) throws DataException {
    var folders = new ClassFolders(root, EXTENSIONS);
    PackedNames.Builder files = new PackedNames.Builder();
    folders.images("").forEach(files::add);
    if (files.count() == 0) {
      throw new DataException(
          "%s: holds no file that ends in one of %s".formatted(root, EXTENSIONS));
    }
    List<String> notes = folders.passedOver().stream().map(line -> line + "; passed over").toList();
    return new ListedFolder(root, files.build(), notes, decoder);
  }

  @Override
  public long size() {
    return files.count();
  }

  @Override
  public ListedImage get(long index) {
    String file = files.get(Math.toIntExact(index));
    int slash = file.indexOf('/');
    return new ListedImage(
        file,
        List.of(EncodedImage.file(root.resolve(file), decoder)),
        Optional.empty(),
        Optional.empty(),
        slash < 0 ? Optional.empty() : Optional.of(file.substring(0, slash)),
        Optional.empty(),
        Optional.empty());
  }

  @Override
  public String fingerprint() {
    return files.addTo(new Fingerprint().add("listed folder")).hex();
  }
}
