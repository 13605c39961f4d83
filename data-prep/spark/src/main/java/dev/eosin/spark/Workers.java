package dev.eosin.spark;

import java.net.InetAddress;
import java.net.UnknownHostException;

/// Who computes.
final class Workers {
  private Workers() {}

  /// The name of this machine, for people.
  static String host() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException nameless) {
      return "without a name";
    }
  }
}
