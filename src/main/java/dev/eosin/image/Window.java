package dev.eosin.image;

/// A rectangle of whole pixels inside an image.
///
/// @param left first column
/// @param top first row
/// @param width at least 1
/// @param height at least 1
public record Window(int left, int top, int width, int height) {
  public Window {
    if (left < 0 || top < 0 || width < 1 || height < 1) {
      throw new IllegalArgumentException(
          "no window: left %d, top %d, %d x %d px".formatted(left, top, width, height));
    }
  }

  /// The window that holds every pixel of an image of this size.
  public static Window whole(int width, int height) {
    return new Window(0, 0, width, height);
  }

  public boolean fitsInto(int outerWidth, int outerHeight) {
    return left <= outerWidth - width && top <= outerHeight - height;
  }
}
