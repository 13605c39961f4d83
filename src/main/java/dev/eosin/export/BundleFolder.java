package dev.eosin.export;

import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.DiskSpace;
import dev.eosin.file.FileContent;
import dev.eosin.file.FileDigest;
import dev.eosin.onnx.OnnxModel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/// A bundle while it is written, whatever family it is of: graphs with their weights, texts, second
/// names, and at the end `SHA256SUMS`. It appears with [#commit()] or not at all.
final class BundleFolder implements AutoCloseable {
  private static final long OTHER_BYTES = 32L << 20;
  private static final String SUMS = "SHA256SUMS";

  private final AtomicFolder folder;
  private final boolean beside;
  private final Map<String, FileDigest> digests = new TreeMap<>();

  private BundleFolder(AtomicFolder folder, boolean beside) {
    this.folder = folder;
    this.beside = beside;
  }

  /// Starts an empty one.
  ///
  /// @param replace whether what is there may be replaced
  /// @param beside whether weights lie in a file beside each graph, also where one file could hold
  ///   them
  /// @param graphs that will be written
  /// @throws DataException when something is there already, or the disk is too small
  static BundleFolder begin(Path out, boolean replace, boolean beside, Collection<OnnxModel> graphs)
      throws DataException {
    if (!replace && Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
      throw new DataException(out + ": is there already; --replace replaces it");
    }
    DiskSpace.require(out, graphs.stream().mapToLong(OnnxModel::weightBytes).sum() + OTHER_BYTES);
    return new BundleFolder(AtomicFolder.begin(out), beside);
  }

  /// Writes a graph, and its weights beside it where one file cannot hold both.
  ///
  /// @param file its name, which ends in `.onnx`; that of the weights has `_data` behind it
  void graph(String file, OnnxModel graph) throws DataException {
    if (!beside && graph.fitsOneFile()) {
      digests.put(file, folder.writeWithin(file, graph.file()));
      return;
    }
    String data = file + "_data";
    digests.put(file, folder.writeWithin(file, graph.fileBeside(plain(data))));
    digests.put(data, folder.writeWithin(data, graph.weightsFile()));
  }

  /// Gives a graph a second name in another folder. Its weights keep their name, which the graph
  /// has.
  ///
  /// @param file the second name
  /// @param existing as it was written
  void second(String file, String existing) throws DataException {
    link(file, existing);
    String data = existing + "_data";
    if (digests.containsKey(data)) {
      link(file.substring(0, file.lastIndexOf('/') + 1) + plain(data), data);
    }
  }

  /// Gives graphs the names that Triton has for them, each with its configuration.
  ///
  /// @param file where a graph lies, by its name
  void triton(Map<String, OnnxModel> graphs, UnaryOperator<String> file) throws DataException {
    for (Map.Entry<String, OnnxModel> graph : graphs.entrySet()) {
      String place = "triton/" + graph.getKey();
      second(place + "/1/model.onnx", file.apply(graph.getKey()));
      text(place + "/config.pbtxt", TritonConfig.of(graph.getKey(), graph.getValue()));
    }
  }

  private void link(String name, String existing) throws DataException {
    folder.linkWithin(name, existing);
    digests.put(name, Objects.requireNonNull(digests.get(existing), existing));
  }

  private static String plain(String name) {
    return name.substring(name.lastIndexOf('/') + 1);
  }

  void text(String name, String text) throws DataException {
    file(name, FileContent.text(text));
  }

  void file(String name, FileContent content) throws DataException {
    digests.put(name, folder.writeWithin(name, content));
  }

  /// Bytes of a graph with its weights.
  long bytes(String graph) {
    return digests.entrySet().stream()
        .filter(file -> file.getKey().startsWith(graph))
        .mapToLong(file -> file.getValue().bytes())
        .sum();
  }

  /// Where a file lies until [#commit()].
  Path place(String name) {
    return folder.place(name);
  }

  /// Writes the digests and puts the folder in its place.
  ///
  /// @throws DataException naming the folder and the reason
  void commit() throws DataException {
    StringBuilder lines = new StringBuilder();
    digests.forEach(
        (name, digest) -> lines.append(digest.sha256()).append("  ").append(name).append('\n'));
    folder.write(SUMS, FileContent.text(lines.toString()));
    folder.commit();
  }

  @Override
  public void close() throws DataException {
    folder.close();
  }
}
