package dev.eosin.fetch;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/// The proxies that the environment names, as curl reads them: `https_proxy`, `http_proxy`,
/// `all_proxy` and `no_proxy`, in small or in capital letters. Java's own properties
/// (`https.proxyHost` and the like) come first.
public final class Proxies extends ProxySelector {
  private final Map<String, String> environment;
  private final ProxySelector properties;

  /// @param environment the variables
  /// @param properties what Java's properties say
  Proxies(Map<String, String> environment, ProxySelector properties) {
    this.environment = Map.copyOf(environment);
    this.properties = properties;
  }

  /// Those of this process.
  public static Proxies ofProcess() {
    return new Proxies(
        System.getenv(),
        Objects.requireNonNullElseGet(
            ProxySelector.getDefault(), () -> ProxySelector.of((InetSocketAddress) null)));
  }

  @Override
  public List<Proxy> select(URI uri) {
    List<Proxy> named = properties.select(uri);
    if (named.stream().anyMatch(proxy -> proxy.type() != Proxy.Type.DIRECT) || excepted(uri)) {
      return named;
    }
    String scheme = Objects.requireNonNullElse(uri.getScheme(), "http").toLowerCase(Locale.ROOT);
    return variable(scheme + "_proxy")
        .or(() -> variable("all_proxy"))
        .map(Proxies::parse)
        .map(List::of)
        .orElse(named);
  }

  private Optional<String> variable(String name) {
    return Stream.of(name, name.toUpperCase(Locale.ROOT))
        .map(environment::get)
        .filter(Objects::nonNull)
        .map(String::strip)
        .filter(value -> !value.isEmpty())
        .findFirst();
  }

  private boolean excepted(URI uri) {
    String host = Objects.requireNonNullElse(uri.getHost(), "").toLowerCase(Locale.ROOT);
    return Stream.of(variable("no_proxy").orElse("").toLowerCase(Locale.ROOT).split("[,\\s]+"))
        .filter(entry -> !entry.isEmpty())
        .map(entry -> entry.startsWith("*.") ? entry.substring(1) : entry)
        .anyMatch(
            entry ->
                entry.equals("*")
                    || host.equals(entry)
                    || host.endsWith(entry.startsWith(".") ? entry : "." + entry));
  }

  private static Proxy parse(String value) {
    URI uri = URI.create(value.contains("://") ? value : "http://" + value);
    int port = uri.getPort() > 0 ? uri.getPort() : 80;
    if (uri.getHost() == null || uri.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "a proxy is written as http://host:port, without a user name; found another form in the"
              + " variables https_proxy, http_proxy or all_proxy");
    }
    return new Proxy(Proxy.Type.HTTP, InetSocketAddress.createUnresolved(uri.getHost(), port));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException failure) {
    // The request itself fails with the reason.
  }
}
