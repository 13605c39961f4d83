package dev.eosin.image.formats;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/// A file format that is known by its first bytes and is not read, with what helps.
///
/// @param name in the middle of a sentence, with its article
/// @param start how the file begins, Latin-1 with `.` for any byte
/// @param cure what to do
record ForeignFormat(String name, Pattern start, String cure) {
  private static final int LONGEST_START = 160;

  private static final List<ForeignFormat> KNOWN =
      List.of(
          of(
              "a JPEG 2000 image",
              "\0\0\0\fjP  |\\xFFO\\xFFQ",
              "convert it, for example with OpenJPEG: opj_decompress -i x.jp2 -o x.png"),
          of(
              "a JPEG XL image",
              "\\xFF\n|\0\0\0\fJXL ",
              "convert it, for example with libjxl: djxl x.jxl x.png"),
          of(
              "an AVIF image",
              "....ftyp(avif|avis)",
              "convert it, for example with libavif: avifdec x.avif x.png"),
          of(
              "a HEIF image",
              "....ftyp(hei|hev|mif1|msf1)",
              "convert it, for example with libheif: heif-convert x.heic x.png"),
          of("a JPEG XR image", "II\\xBC", magick("jxr")),
          of("a portable map (PBM, PGM, PPM, PAM)", "P[1-7]\\s", magick("ppm")),
          of("a Photoshop document", "8BPS", magick("psd")),
          of("an icon", "\0\0[\1\2]\0[^\0]\0", magick("ico")),
          of("a bitmap without the header of a BMP file", "[\\x28\\x6C\\x7C]\0\0\0", magick("dib")),
          of("an OpenEXR image", "v/1\1", magick("exr")),
          of("a Radiance image", "#\\?RADIANCE", magick("hdr")),
          of("a FITS image", "SIMPLE  =", magick("fits")),
          of("a GIMP image", "gimp xcf", "export it as PNG"),
          of("a bitmap font or OS/2 bitmap array", "(BA|CI|CP|IC|PT)..\0\0", magick("bmp")),
          of(
              "a DICOM file",
              ".{128}DICM",
              "convert it, for example with DCMTK: dcm2img x.dcm x.png"),
          of("a Zeiss CZI slide", "ZISRAWFILE", tiles()),
          of("an OLE document, perhaps a Zeiss ZVI slide", "\\xD0\\xCF\\x11\\xE0", tiles()),
          of("an HDF5 file", "\\x89HDF\r\n", tiles()),
          of("a NumPy array", "\\x93NUMPY", "save it as an image"),
          of(
              "a PDF document",
              "%PDF",
              "convert its pages, for example with Poppler: pdftoppm -png x.pdf x"),
          of("a PostScript document", "%!PS", magick("eps")),
          of(
              "a pointer of Git LFS in place of an image",
              "version https://git-lfs",
              "fetch the files: git lfs pull"),
          of(
              "a page of HTML or another text in angle brackets",
              "\\s*<",
              "perhaps a server answered with an error page, or it is an SVG drawing; download it"
                  + " again or convert it to PNG"),
          of(
              "a packed file",
              "\\x1F\\x8B|PK\3\4|BZh|\\xFD7zXZ|\\x28\\xB5\\x2F\\xFD|7z\\xBC\\xAF",
              "unpack it"));

  /// The format of a file, where it is one of those that are known and not read.
  static Optional<ForeignFormat> of(byte[] bytes) {
    byte[] head = Arrays.copyOf(bytes, Math.min(bytes.length, LONGEST_START));
    String text = new String(head, StandardCharsets.ISO_8859_1);
    return KNOWN.stream().filter(format -> format.start.matcher(text).lookingAt()).findFirst();
  }

  /// Names the format and the cure.
  String sentence() {
    return name + ", which is not supported; " + cure;
  }

  private static ForeignFormat of(String name, String start, String cure) {
    return new ForeignFormat(name, Pattern.compile(start, Pattern.DOTALL), cure);
  }

  private static String magick(String ending) {
    return "convert it, for example with ImageMagick: magick x.%s x.png".formatted(ending);
  }

  private static String tiles() {
    return "cut tiles out of it and save them as PNG or JPEG";
  }
}
