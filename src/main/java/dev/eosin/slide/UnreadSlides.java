package dev.eosin.slide;

import dev.eosin.checkpoint.Quote;
import dev.eosin.config.DataException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// Formats of slides that are known and not read: one line each, with what helps.
final class UnreadSlides {
  private static final String MIRAX = ".mrxs";

  /// Nothing but signs that texts have.
  private static final Pattern TEXT = Pattern.compile("[\\x20-\\x7E\\r\\n\\t]+");

  private static final String CONVERT =
      "convert it to a tiled TIFF, for example with libvips: vips tiffsave '%s' x.tif --tile"
          + " --pyramid --compression jpeg --bigtiff";

  /// @param start how the file begins, Latin-1 with `.` for any byte
  private record Known(String name, Pattern start, String cure) {}

  private static final List<Known> KNOWN =
      List.of(
          known("a Philips iSyntax slide", "\\s*<DataObject", isyntax()),
          known("a DICOM file", ".{128}DICM", CONVERT),
          known("a Zeiss CZI slide", "ZISRAWFILE", bioFormats()),
          known("an Olympus ETS file", "SIS\0", bioFormats()),
          known("an OLE document, perhaps a Zeiss ZVI slide", "\\xD0\\xCF\\x11\\xE0", bioFormats()),
          known("an SQLite file, perhaps a Sakura slide", "SQLite format 3", CONVERT),
          known(
              "a pointer of Git LFS in place of a slide",
              "version https://git-lfs",
              "fetch the files: git lfs pull"),
          known(
              "a page of HTML or another text in angle brackets",
              "\\s*<",
              "perhaps a server answered with an error page; download the slide again"),
          known("a packed file", "\\x1F\\x8B|PK\3\4|BZh|\\xFD7zXZ|7z\\xBC\\xAF", "unpack it"));

  private UnreadSlides() {}

  private static Known known(String name, String start, String cure) {
    return new Known(name, Pattern.compile(start, Pattern.DOTALL), cure);
  }

  private static String isyntax() {
    return "export it as TIFF with Philips' own software";
  }

  private static String bioFormats() {
    return "export it as OME-TIFF, for example with bfconvert or QuPath";
  }

  /// The line for a file that does not begin as TIFF does.
  static DataException of(Path file, byte[] head) {
    String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
    if (name.endsWith(MIRAX)) {
      return mirax(file);
    }
    String start = new String(head, StandardCharsets.ISO_8859_1);
    for (Known format : KNOWN) {
      if (format.start().matcher(start).lookingAt()) {
        return refusal(file, format.name(), format.cure());
      }
    }
    return new DataException(
        "%s: is no slide that is read: SVS, TIFF, BigTIFF or OME-TIFF%s"
            .formatted(file, found(start)));
  }

  private static String found(String start) {
    if (start.isEmpty()) {
      return "; it is empty: fetch it again";
    }
    return TEXT.matcher(start).matches()
        ? "; it is a text that begins with %s: fetch the slide again, or leave the file out"
            .formatted(Quote.of(start.strip().lines().findFirst().orElse("")))
        : "";
  }

  /// Its pixels lie in a folder beside it; nothing reads or converts the file alone.
  private static DataException mirax(Path file) {
    String name = String.valueOf(file.getFileName());
    Path pixels = file.resolveSibling(name.substring(0, name.length() - MIRAX.length()));
    return Files.isDirectory(pixels)
        ? refusal(file, "a 3DHISTECH MRXS slide", CONVERT)
        : new DataException(
            "%s: is a 3DHISTECH MRXS slide without its folder %s, which holds its pixels; copy the folder beside it"
                .formatted(file, pixels));
  }

  /// TIFF files whose levels or places follow other rules.
  ///
  /// @throws DataException for those
  static void refuse(TiffDirectory first, String description) throws DataException {
    Path file = first.file().path();
    if (first.has(TiffDirectory.NDPI)) {
      throw refusal(file, "a Hamamatsu NDPI slide", CONVERT);
    }
    if (description.contains("leica-microsystems.com/scn")) {
      throw refusal(file, "a Leica SCN slide", CONVERT);
    }
    if (description.contains("<iScan") || description.contains("<EncodeInfo")) {
      throw refusal(file, "a Ventana BIF slide", CONVERT);
    }
    if (description.contains("DPUfsImport")) {
      throw refusal(file, "a Philips TIFF, whose levels have other sizes than they say", CONVERT);
    }
  }

  private static DataException refusal(Path file, String name, String cure) {
    String mend = cure.contains("%s") ? cure.formatted(file.getFileName()) : cure;
    String line = "%s: is %s, which is not read; %s".formatted(file, name, mend);
    return cure.equals(CONVERT) || cure.equals(bioFormats())
        ? new UnreadFormatException(line)
        : new DataException(line);
  }
}
