package dev.eosin.image;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Draws many tiles into one picture, each with its caption below.
public final class ContactSheet {
  private static final int MARGIN = 8;
  private static final int LINE_HEIGHT = PixelFont.HEIGHT + 3;
  private static final int MAX_LINES = 6;

  private final int columns;
  private final int tileWidth;
  private final int tileHeight;
  private final List<Entry> entries;
  private final int cellHeight;
  private final int width;
  private final byte[] pixels;

  /// One tile of the sheet.
  public record Entry(RgbImage image, String caption) {}

  private ContactSheet(List<Entry> entries, int columns) {
    this.columns = columns;
    this.entries = entries;
    this.tileWidth = entries.stream().mapToInt(entry -> entry.image().width()).max().orElse(1);
    this.tileHeight = entries.stream().mapToInt(entry -> entry.image().height()).max().orElse(1);
    int lines = entries.stream().mapToInt(entry -> lines(entry.caption()).size()).max().orElse(0);
    this.cellHeight = tileHeight + lines * LINE_HEIGHT + MARGIN + 4;
    this.width = columns * (tileWidth + MARGIN) + MARGIN;
    int rows = Math.ceilDiv(Math.max(entries.size(), 1), columns);
    this.pixels = new byte[3 * width * (rows * cellHeight + MARGIN)];
  }

  /// Draws the entries row by row on white; long captions are wrapped, then cut with `...`.
  ///
  /// @param columns tiles in one row
  public static RgbImage draw(List<Entry> entries, int columns) {
    ContactSheet sheet = new ContactSheet(List.copyOf(entries), columns);
    Arrays.fill(sheet.pixels, (byte) 255);
    for (int i = 0; i < sheet.entries.size(); i++) {
      int left = MARGIN + i % columns * (sheet.tileWidth + MARGIN);
      int top = MARGIN + i / columns * sheet.cellHeight;
      sheet.drawEntry(sheet.entries.get(i), left, top);
    }
    return new RgbImage(sheet.width, sheet.pixels.length / 3 / sheet.width, sheet.pixels);
  }

  private void drawEntry(Entry entry, int left, int top) {
    RgbImage image = entry.image();
    for (int y = 0; y < image.height(); y++) {
      int target = 3 * ((top + y) * width + left);
      System.arraycopy(image.pixels(), 3 * y * image.width(), pixels, target, 3 * image.width());
    }
    List<String> lines = lines(entry.caption());
    for (int i = 0; i < lines.size(); i++) {
      drawText(lines.get(i), left, top + tileHeight + 4 + i * LINE_HEIGHT);
    }
  }

  private void drawText(String line, int left, int top) {
    for (int i = 0; i < line.length(); i++) {
      for (int row = 0; row < PixelFont.HEIGHT; row++) {
        for (int column = 0; column < PixelFont.ADVANCE; column++) {
          if (PixelFont.ink(line.charAt(i), column, row)) {
            int pixel = (top + row) * width + left + i * PixelFont.ADVANCE + column;
            Arrays.fill(pixels, 3 * pixel, 3 * pixel + 3, (byte) 40);
          }
        }
      }
    }
  }

  private List<String> lines(String caption) {
    int letters = Math.max(4, tileWidth / PixelFont.ADVANCE);
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    for (String word : caption.strip().split("\\s+")) {
      if (!line.isEmpty() && line.length() + 1 + word.length() > letters) {
        lines.add(line.toString());
        line.setLength(0);
      }
      line.append(line.isEmpty() ? "" : " ").append(word);
    }
    lines.add(line.toString());
    if (lines.size() > MAX_LINES) {
      lines.subList(MAX_LINES, lines.size()).clear();
      lines.set(MAX_LINES - 1, lines.getLast() + "...");
    }
    return lines.stream().map(text -> cut(text, letters)).toList();
  }

  private static String cut(String text, int letters) {
    return text.length() <= letters ? text : text.substring(0, letters - 3) + "...";
  }
}
