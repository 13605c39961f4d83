package dev.eosin.eval.asking;

import dev.eosin.group.Group;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/// Texts that ranks tell each other, character by character: a model may stop within a surrogate
/// pair, which UTF-8 cannot hold.
public final class SharedTexts {
  private SharedTexts() {}

  /// What every rank brings, in the order of ranks.
  public static List<List<String>> exchange(Group group, List<String> own) throws IOException {
    if (group.size() == 1) {
      return List.of(own);
    }
    List<List<String>> all = new ArrayList<>();
    for (byte[] each : group.exchange(bytes(own))) {
      all.add(texts(each));
    }
    return all;
  }

  private static byte[] bytes(List<String> texts) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var out = new DataOutputStream(bytes);
    out.writeInt(texts.size());
    for (String text : texts) {
      out.writeInt(text.length());
      out.writeChars(text);
    }
    return bytes.toByteArray();
  }

  private static List<String> texts(byte[] bytes) throws IOException {
    var in = new DataInputStream(new ByteArrayInputStream(bytes));
    int count = in.readInt();
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      char[] text = new char[in.readInt()];
      for (int c = 0; c < text.length; c++) {
        text[c] = in.readChar();
      }
      texts.add(new String(text));
    }
    return texts;
  }
}
