package dev.eosin.fetch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.URI;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// Proxies as the environment names them.
class ProxiesTest {
  private static final URI SECURE = URI.create("https://huggingface.co/a");

  @Test
  void theVariableOfTheSchemeNamesTheProxy() {
    Map<String, String> named = Map.of("https_proxy", "http://proxy.local:3128/");
    assertThat(chosen(named, SECURE)).isEqualTo("proxy.local:3128");
    assertThat(chosen(named, URI.create("http://plain.org/"))).isEqualTo("DIRECT");
    assertThat(chosen(Map.of("HTTPS_PROXY", "proxy:8080"), SECURE)).isEqualTo("proxy:8080");
    assertThat(chosen(Map.of("all_proxy", "http://every"), SECURE)).isEqualTo("every:80");
    assertThat(chosen(Map.of("https_proxy", ""), SECURE)).isEqualTo("DIRECT");
  }

  @Test
  void exceptionsAreHostsAndTheirDomains() {
    for (String except : new String[] {"huggingface.co", "a.org, .huggingface.co", "*", "*.co"}) {
      Map<String, String> named = Map.of("https_proxy", "p:1", "no_proxy", except);
      URI inside = URI.create("https://cdn.huggingface.co/a");
      assertThat(chosen(named, inside)).as(except).isEqualTo("DIRECT");
    }
    Map<String, String> other = Map.of("https_proxy", "p:1", "no_proxy", "face.co");
    assertThat(chosen(other, SECURE)).isEqualTo("p:1");
  }

  @Test
  void theProxyOfJavasPropertiesComesFirst() {
    ProxySelector properties = ProxySelector.of(InetSocketAddress.createUnresolved("java", 9));
    Proxies proxies = new Proxies(Map.of("https_proxy", "http://variable:1"), properties);
    assertThat(text(proxies.select(SECURE).getFirst())).isEqualTo("java:9");
  }

  @Test
  void aProxyWithAPasswordIsRefusedWithoutShowingIt() {
    assertThatThrownBy(() -> chosen(Map.of("https_proxy", "http://me:secret@p:1"), SECURE))
        .hasMessageContaining("http://host:port")
        .message()
        .doesNotContain("secret");
  }

  private static String chosen(Map<String, String> environment, URI uri) {
    ProxySelector none = ProxySelector.of((InetSocketAddress) null);
    return text(new Proxies(environment, none).select(uri).getFirst());
  }

  private static String text(Proxy proxy) {
    return proxy.address() instanceof InetSocketAddress address
        ? address.getHostString() + ":" + address.getPort()
        : proxy.type().toString();
  }
}
