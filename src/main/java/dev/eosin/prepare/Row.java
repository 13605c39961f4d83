package dev.eosin.prepare;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;

/// One row of what is prepared.
///
/// @param key names the row for good: unique among all rows, not blank
/// @param place where it stands, for messages, such as `captions.jsonl: line 3`
/// @param content what the table says of it; not to be changed
public record Row(String key, String place, JsonNode content) {
  /// 64-bit FNV-1a of a text's UTF-8 bytes, which `data`'s splits use alike: what chance takes for
  /// a position.
  public static long hash(String text) {
    long hash = 0xCBF29CE484222325L;
    for (byte letter : text.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (letter & 0xFF)) * 0x100000001B3L;
    }
    return hash;
  }

  /// Of the key.
  public long hash() {
    return hash(key);
  }
}
