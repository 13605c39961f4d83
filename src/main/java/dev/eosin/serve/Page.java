package dev.eosin.serve;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;

/// The page, one file with its script and style in it. A browser runs these two, known by their
/// digests, and nothing else: whatever a caption or a file's name holds is text.
final class Page implements Endpoint {
  private static final String FILE = "page.html";

  private final byte[] html;
  private final Map<String, String> headers;

  private Page(byte[] html, Map<String, String> headers) {
    this.html = html;
    this.headers = Map.copyOf(headers);
  }

  static Page load() throws IOException {
    try (InputStream in = Objects.requireNonNull(Page.class.getResourceAsStream(FILE), FILE)) {
      byte[] html = in.readAllBytes();
      String text = new String(html, StandardCharsets.UTF_8);
      String policy =
          String.join(
              "; ",
              "default-src 'none'",
              "script-src " + digest(text, "<script>", "</script>"),
              "style-src " + digest(text, "<style>", "</style>"),
              "img-src 'self' blob: data:",
              "connect-src 'self'",
              "base-uri 'none'",
              "form-action 'none'",
              "frame-ancestors 'none'",
              "require-trusted-types-for 'script'",
              "trusted-types 'none'");
      return new Page(html, Map.of("Content-Security-Policy", policy));
    }
  }

  private static String digest(String page, String opening, String closing) {
    int from = page.indexOf(opening) + opening.length();
    String part = page.substring(from, page.indexOf(closing, from));
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(part.getBytes(StandardCharsets.UTF_8));
      return "'sha256-%s'".formatted(Base64.getEncoder().encodeToString(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public Reply answer(Call call) {
    return new Reply.Content("text/html; charset=utf-8", html, headers);
  }
}
