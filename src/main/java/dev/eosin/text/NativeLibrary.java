package dev.eosin.text;

import ai.djl.huggingface.tokenizers.jni.LibUtils;

/// The native library of Hugging Face's tokenizers.
public final class NativeLibrary {
  private NativeLibrary() {}

  /// Has DJL unpack and load it. Whoever needs it and cannot load it says so then.
  public static void unpack() {
    LibUtils.checkStatus();
  }
}
