package dev.eosin.serve;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/// Why a request has no answer, in the shape of OpenAI's errors.
final class ApiException extends Exception {
  private static final long serialVersionUID = 1L;
  private static final int SERVER_ERRORS = 500;

  private final int status;
  private final String code;
  private final String parameter;

  /// @param status of HTTP
  /// @param code for programs
  /// @param parameter of the request that is at fault; empty where none is
  ApiException(int status, String code, String parameter, String message) {
    super(message);
    this.status = status;
    this.code = code;
    this.parameter = parameter;
  }

  /// A request that is wrong at a parameter.
  static ApiException wrong(String parameter, String message) {
    return new ApiException(400, "invalid_value", parameter, parameter + ": " + message);
  }

  /// More than this server takes at once.
  static ApiException busy() {
    return new ApiException(
        503, "busy", "", "the server has as much to do as it takes; ask again in a moment");
  }

  /// A time limit.
  static ApiException late(String what) {
    return new ApiException(503, "timeout", "", what);
  }

  int status() {
    return status;
  }

  ObjectNode json() {
    ObjectNode error = JsonNodeFactory.instance.objectNode().put("message", getMessage());
    error.put("type", status < SERVER_ERRORS ? "invalid_request_error" : "server_error");
    if (parameter.isEmpty()) {
      error.putNull("param");
    } else {
      error.put("param", parameter);
    }
    error.put("code", code);
    ObjectNode whole = JsonNodeFactory.instance.objectNode();
    whole.set("error", error);
    return whole;
  }
}
