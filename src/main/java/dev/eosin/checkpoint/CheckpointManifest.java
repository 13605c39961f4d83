package dev.eosin.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.eosin.config.DataException;
import dev.eosin.file.AtomicFolder;
import dev.eosin.file.FileDigest;
import java.nio.file.Path;
import java.time.Instant;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/// `manifest.json`: what a checkpoint folder must hold. Written last.
///
/// @param eosin version of the program that wrote it; for people
/// @param step updates done
/// @param created for people; nothing depends on it
/// @param files every other file by name
record CheckpointManifest(
    String eosin, long step, String created, SortedMap<String, FileDigest> files) {
  static final String NAME = "manifest.json";

  /// Rises when an older Eosin would misread the folder.
  static final int VERSION = 1;

  private static final String FORMAT = "eosin-checkpoint";
  private static final Pattern SHA_256 = Pattern.compile("[0-9a-f]{64}");

  static CheckpointManifest of(String eosin, long step, SortedMap<String, FileDigest> files) {
    return new CheckpointManifest(eosin, step, Instant.now().toString(), files);
  }

  ObjectNode json() {
    ObjectNode json = JsonNodeFactory.instance.objectNode();
    json.put("format", FORMAT);
    json.put("version", VERSION);
    json.put("eosin", eosin);
    json.put("step", step);
    json.put("created", created);
    ObjectNode all = json.putObject("files");
    files.forEach(
        (name, digest) ->
            all.putObject(name).put("bytes", digest.bytes()).put("sha256", digest.sha256()));
    return json;
  }

  static CheckpointManifest read(Path file) throws DataException {
    JsonFields fields = JsonFields.of(file);
    if (!fields.text("format").equals(FORMAT)) {
      throw new DataException(file + ": is not the manifest of an Eosin checkpoint");
    }
    long version = fields.whole("version");
    if (version != VERSION) {
      throw new DataException(
          "%s: has format version %d, this Eosin reads %d; it was written by Eosin %s"
              .formatted(file, version, VERSION, Quote.line(fields.text("eosin"))));
    }
    SortedMap<String, FileDigest> files = new TreeMap<>();
    JsonFields all = fields.requiredObject("files");
    for (String name : all.keys()) {
      JsonFields digest = all.requiredObject(name);
      String sha256 = digest.text("sha256");
      if (!AtomicFolder.isPlain(name) || !SHA_256.matcher(sha256).matches()) {
        throw new DataException(file + ": the entry of file " + Quote.of(name) + " is malformed");
      }
      files.put(name, new FileDigest(digest.count("bytes"), sha256));
    }
    return new CheckpointManifest(
        fields.text("eosin"), fields.count("step"), fields.text("created"), files);
  }
}
