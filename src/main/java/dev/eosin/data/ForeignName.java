package dev.eosin.data;

import java.io.File;
import java.util.Optional;
import java.util.regex.Pattern;

/// Names of files that mean something elsewhere. As files of a folder here they would only be
/// missing, which says nothing of why.
public final class ForeignName {
  /// `https://...`, `s3://...`.
  private static final Pattern ADDRESS = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+://");

  /// `C:\...`, `C:/...` and `\\server\...`.
  private static final Pattern WINDOWS = Pattern.compile("[A-Za-z]:[\\\\/]|\\\\\\\\");

  private ForeignName() {}

  /// What the name is, and what mends it; empty for one that may be a file of this machine.
  public static Optional<String> reason(String name) {
    if (ADDRESS.matcher(name).lookingAt()) {
      return Optional.of(
          "is an address, and nothing is downloaded; copy the files to this machine and name them");
    }
    if (File.separatorChar == '/' && WINDOWS.matcher(name).lookingAt()) {
      return Optional.of(
          "is a path of Windows; name the file as this machine does, with / and from the folder that the table's names start from");
    }
    return Optional.empty();
  }
}
